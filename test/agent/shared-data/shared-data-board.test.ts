import { createServer } from "node:net";
import { afterEach, expect, it } from "vitest";
import { sharedDataSettingsSchema } from "../../../agent/config/shared-data-settings.ts";
import { makeSharedDataCheck } from "../../../agent/shared-data/make-shared-data-check.ts";
import { SharedDataBoard } from "../../../agent/shared-data/shared-data-board.ts";
import type { ClusterDocument, DataSet } from "../../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { freePorts } from "../../demo/free-ports.ts";

const shared = (name: string): DataSet => ({ kind: "shared", name });
const declaring = (...dataSets: readonly DataSet[]): ClusterDocument => ({ dataSets }) as unknown as ClusterDocument;
const local: DataSet = { kind: "sqlite", name: "calls", local: [] };

let board: SharedDataBoard | undefined;
const closing: (() => void)[] = [];
afterEach(async () => {
  await board?.close();
  for (const close of closing.splice(0)) close();
});

it("a database server is watched for as long as it is declared, and each turn is told once", async () => {
  const [port = 0] = await freePorts(1);
  const serve = (): Promise<() => void> => {
    const server = createServer((socket) => socket.destroy());
    const close = (): void => void server.close();
    return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(close)));
  };
  const pace = { retryIntervalMs: 100, fall: 2, rise: 1 };
  const settings = sharedDataSettingsSchema.parse({ kind: "tcp", host: "127.0.0.1", port, ...pace });
  const told: EventDetail[] = [];
  let document = declaring(local, shared("billing"), shared("crm"));
  board = new SharedDataBoard({
    // Sooner than anybody may set it.
    settings: { billing: { ...settings, intervalMs: 100 }, gone: settings },
    make: (one) => makeSharedDataCheck(one, "/"),
    document: () => document,
    nowMs: () => performance.now(),
    chance: Math.random,
    record: (detail) => told.push(detail),
  });
  const state = (): unknown => board?.lines.map((line) => `${line.dataSet} ${line.state}`);
  expect(board.lines).toEqual([]);
  expect(board.problems).toEqual([
    "nobody looks here whether the shared database crm answers: add sharedData.crm to the settings",
    "the settings have sharedData.gone, and the cluster document has no data set of kind shared with that name",
  ]);
  const stop = await serve();
  board.viewChanged();
  board.viewChanged();
  expect(state()).toEqual(["billing unknown"]);
  await expect.poll(state).toEqual(["billing ok"]);
  expect(board.lines[0]).toMatchObject({ kind: "tcp", reason: null, detectsWithinMs: 4_221 });
  stop();
  await expect.poll(state).toEqual(["billing failed"]);
  expect(board.lines[0]?.reason).toMatch(/ECONNREFUSED/);
  closing.push(await serve());
  await expect.poll(state).toEqual(["billing ok"]);
  expect(told).toEqual([
    { kind: "shared-data.failed", dataSet: "billing", reason: expect.stringMatching(/ECONNREFUSED/) },
    { kind: "shared-data.recovered", dataSet: "billing", failedMs: expect.any(Number) },
  ]);
  document = declaring(local);
  board.viewChanged();
  expect(board.lines).toEqual([]);
});
