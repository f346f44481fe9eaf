import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { DataSetWriter } from "../../../agent/records/data-set-writer.ts";
import { RecordWriter } from "../../../agent/records/record-writer.ts";
import { RecordsApi } from "../../../agent/records/records-api.ts";
import { openRecordsEndpoint } from "../../../agent/records/records-endpoint.ts";
import type { Replication } from "../../../agent/replication/replication.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { limits } from "../../../shared/config/limits.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { LoopbackCluster, waitFor } from "../replication/loopback-cluster.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const open: AsyncDisposable[] = [];
let shared: Awaited<ReturnType<typeof site>>;
beforeAll(async () => {
  shared = await site();
});
beforeEach(() => {
  shared.lease.holder = shared.cluster.node(0).nodeId;
});
afterAll(async () => {
  for (const thing of open.toReversed()) await thing[Symbol.asyncDispose]();
});

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What the tests go on with, of an answer's body. */
interface Answered {
  readonly record: { readonly version: string; readonly writtenAt: string; readonly expiresAt: string };
  readonly commit: { readonly id: string };
  readonly position: string;
}

/** The records of two servers on loopback over HTTP at the first of them, with the lease in the test's hand. */
async function site() {
  const cluster = await LoopbackCluster.make(2);
  open.push(cluster);
  const group = "default" as GroupName;
  cluster.document = {
    ...cluster.document,
    dataSets: [
      { kind: "state", name: "calls", group, local: [] },
      { kind: "config", name: "settings", group, local: [] },
    ],
  };
  await cluster.start();
  const isInStep = () => cluster.nodes.every(({ status }) => status.length === 2 && status.every(({ phase }) => phase === "following"));
  await waitFor("both data sets on both servers", isInStep);
  const replication = cluster.node(0).replication;
  if (replication === undefined) throw new Error("it does not run");
  const lease = { epoch: 3, holder: cluster.node(0).nodeId as NodeId | null };
  const writerOn = (nodeId: NodeId) =>
    new DataSetWriter({
      document: () => cluster.document,
      tenureOf: () => (lease.holder === nodeId ? { epoch: lease.epoch, untilUs: monotonicUs() + usFromMs(1_000) } : null),
      holderOf: () => lease.holder,
    });
  const writer = writerOn(cluster.node(0).nodeId);
  const records = new RecordWriter(writer, replication);
  const there = cluster.node(1).replication;
  if (there === undefined) throw new Error("it does not run");
  const others = new RecordWriter(writerOn(cluster.node(1).nodeId), there);
  there.carryOutWith((write) => others.answer(write));
  const [port = 0] = await freePorts(1);
  const tokenFile = join(cluster.root, "token");
  const log = { error: vi.fn() };
  const endpoint = await openRecordsEndpoint({ settings: { port, tokenFile }, api: new RecordsApi({ writer, replication, records }), log });
  open.push({ [Symbol.asyncDispose]: () => endpoint.close() });
  const authorization = `Bearer ${readFileSync(tokenFile, "utf8").trim()}`;
  const fetched = (path: string, { headers = {}, ...more }: Asked & { signal?: AbortSignal } = {}) =>
    fetch(`http://127.0.0.1:${port}/v1/datasets${path}`, { headers: { authorization, ...headers }, ...more });
  const ask = async (path: string, how: Asked = {}) => {
    const response = await fetched(path, how);
    return { status: response.status, etag: response.headers.get("etag"), body: (await response.json()) as Answered };
  };
  const put = (path: string, value: unknown, headers: Record<string, string> = {}) =>
    ask(path, { method: "PUT", body: JSON.stringify(value), headers });
  return { cluster, ask, put, fetched, lease, port, tokenFile, log };
}

test("an application writes, reads, lists and deletes; each answer names the commit and who has it", async () => {
  const { cluster, ask, put } = shared;
  const written = await put("/calls/records/forward%2F100?ttlSeconds=60&durability=replicated", { to: "200" });
  expect(written).toMatchObject({ status: 200, body: { record: { key: "forward/100", value: { to: "200" } } } });
  expect(written.body.commit).toEqual({
    id: written.body.record.version,
    heldBy: [
      { nodeId: cluster.node(0).nodeId, name: "node-0", host: cluster.node(0).host },
      { nodeId: cluster.node(1).nodeId, name: "node-1", host: cluster.node(1).host },
    ],
    lackedBy: [],
  });
  expect(Date.parse(written.body.record.expiresAt) - Date.parse(written.body.record.writtenAt)).toBe(60_000);
  expect(await ask("/calls/records/forward%2F100")).toEqual({ status: 200, etag: written.etag, body: written.body.record });
  expect((await ask("/calls/records?prefix=forward/")).body).toMatchObject({ records: [{ key: "forward/100" }], more: false });
  expect((await ask(`/calls/commits/${encodeURIComponent(written.body.commit.id)}`)).body).toEqual(written.body.commit);

  expect(await put("/calls/records/forward%2F100", 1, { "if-none-match": "*" })).toMatchObject({ status: 412 });
  const changed = await put("/calls/records/forward%2F100", 1, { "if-match": written.etag ?? "" });
  expect(changed.status).toBe(200);
  expect(await put("/calls/records/forward%2F100", 2, { "if-match": written.etag ?? "" })).toMatchObject({
    status: 412,
    body: { error: { code: "version-differs", message: expect.stringContaining(`it has version ${changed.body.record.version}`) } },
  });
  expect(await ask("/calls/records/forward%2F100", { method: "DELETE" })).toMatchObject({ status: 200 });
  expect(await ask("/calls/records/forward%2F100")).toMatchObject({ status: 404, body: { error: { code: "unknown-record" } } });
});

test("who is not the writer answers with who is and where, and writes nothing", async () => {
  const { cluster, ask, put, lease } = shared;
  lease.holder = cluster.node(1).nodeId;
  const { host, nodeId } = cluster.node(1);
  const refused = await put("/settings/records/timezone", "UTC");
  expect(refused).toMatchObject({
    status: 409,
    body: {
      error: {
        code: "not-the-writer",
        message: "data set settings is written on node-1, which holds group default",
        nextStep: `Write on node-1 (${host}), at its own agent, or send \`forward=true\` along. What is written there is here at once.`,
      },
      writer: { nodeId, name: "node-1", host },
    },
  });
  lease.holder = null;
  expect(await put("/settings/records/timezone", "UTC")).toMatchObject({ status: 409, body: { writer: null } });
  expect(await ask("/settings/records/timezone")).toMatchObject({ status: 404 });
  expect((await ask("")).body).toEqual([
    { name: "calls", kind: "state", group: "default", writer: null },
    { name: "settings", kind: "config", group: "default", writer: null },
  ]);
});

test("a write that is to be passed on is made by the writer, once however often it is asked for, and answered as the writer answers", async () => {
  const { cluster, ask, put, lease } = shared;
  lease.holder = cluster.node(1).nodeId;
  const key = { "idempotency-key": "change-1" };
  const written = await put("/settings/records/language?forward=true&durability=replicated", "de", key);
  expect(written).toMatchObject({ status: 200, body: { record: { key: "language", value: "de" }, commit: { lackedBy: [] } } });
  expect(written.body.record.version).toContain(cluster.node(1).nodeId);
  expect(written.etag).toBe(`"${written.body.record.version}"`);
  expect((await ask("/settings/records/language")).body).toMatchObject({ value: "de" });
  // Whoever has not heard the answer asks again.
  expect(await put("/settings/records/language?forward=true&durability=replicated", "de", key)).toEqual(written);
  expect(await put("/settings/records/language?forward=true", "fr", key)).toMatchObject({
    status: 400,
    body: { error: { message: "the idempotency key change-1 was that of another write" } },
  });
  expect(await put("/settings/records/language?forward=true", "fr", { "if-none-match": "*" })).toMatchObject({ status: 412 });
  expect(await ask("/settings/records/language?forward=true", { method: "DELETE" })).toMatchObject({ status: 200 });
  expect(await put("/settings/records/language?forward=true", 1, { "idempotency-key": "not a key" })).toMatchObject({ status: 400 });
});

test("nothing is passed on twice; a writer that is away is named, and nothing is written", async () => {
  const { cluster, put, ask, lease } = await site();
  const [first, second] = [cluster.node(0), cluster.node(1)];
  // The other one does not believe that it is the writer, and says who is as far as it knows: nobody passes it on again.
  second.replication?.carryOutWith(async (write) =>
    new RecordWriter(
      new DataSetWriter({ document: () => cluster.document, tenureOf: () => null, holderOf: () => first.nodeId }),
      second.replication as Replication,
    ).answer(write),
  );
  lease.holder = second.nodeId;
  expect(await put("/calls/records/a?forward=true", 1)).toMatchObject({ status: 409, body: { writer: { nodeId: first.nodeId } } });
  await second.stop();
  expect(await put("/calls/records/a?forward=true", 1)).toMatchObject({
    status: 503,
    body: {
      error: { code: "writer-away", message: expect.stringMatching(/^the writer, node-1, cannot be reached: /) },
      writer: { nodeId: second.nodeId },
    },
  });
  expect(await ask("/calls/records/a")).toMatchObject({ status: 404 });
});

test("asked for on another disk: refused in time where no other node has it, and where the writer has changed meanwhile", async () => {
  const { cluster, put, lease } = await site();
  await cluster.node(1).stop();
  const alone = await put("/calls/records/a?durability=replicated&timeoutMs=200", 1);
  expect(alone).toMatchObject({
    status: 504,
    body: { error: { code: "not-replicated" }, commit: { heldBy: [{ name: "node-0" }], lackedBy: [{ name: "node-1" }] } },
  });
  const pending = put("/calls/records/a?durability=replicated&timeoutMs=60000", 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  lease.holder = cluster.node(1).nodeId;
  await cluster.node(1).start(cluster.document);
  expect(await pending).toMatchObject({ status: 409, body: { error: { code: "not-the-writer" }, writer: { name: "node-1" } } });
});

test("without the token, or with a wrong one, nothing is answered; its file is for the folder's owner and group", async () => {
  const { ask, tokenFile } = shared;
  for (const authorization of ["", "Bearer wrong", `Basic ${readFileSync(tokenFile, "utf8").trim()}`])
    expect(await ask("/calls/records", { headers: { authorization } })).toMatchObject({
      status: 401,
      body: { error: { code: "not-authorised" } },
    });
  expect(statSync(tokenFile).mode & 0o777).toBe(0o640);
  writeFileSync(tokenFile, "short");
  await expect(
    openRecordsEndpoint({ settings: { port: 1, tokenFile }, api: {} as RecordsApi, log: { error: vi.fn() } }),
  ).rejects.toMatchObject({
    code: "bad-settings",
    message: expect.stringContaining("it must be 20 to 200 letters"),
  });
});

test("what is wrong with a request is said, with the next step", async () => {
  const { ask } = shared;
  for (const [method, path, body, status, said] of [
    ["GET", "/calls/records?limit=0", undefined, 400, "limit"],
    ["GET", "/calls/records?limit=10&perfix=a", undefined, 400, "perfix"],
    ["GET", "/calls/records/%ff", undefined, 400, "percent-encoded"],
    ["GET", "/calls/records/a%00b", undefined, 400, "control characters"],
    ["PUT", "/calls/records/a", "not json", 400, "not JSON"],
    ["PUT", "/calls/records/a?ttlSeconds=-1", "1", 400, "ttlSeconds"],
    ["PUT", "/settings/records/a?ttlSeconds=5", "1", 400, "its records stay"],
    ["PUT", "/calls/records/a", `"${"x".repeat(limits.recordValueBytesMax)}"`, 413, "at most"],
    ["PUT", "/calls/records/a", `"${"x".repeat(8 * limits.recordValueBytesMax)}"`, 413, "at most"],
    ["POST", "/calls/records/a", "1", 405, "GET, PUT, DELETE"],
    ["GET", "/calls/tables", undefined, 404, "there is no"],
    ["GET", "/other/records", undefined, 404, "no data set of records called other"],
    ["GET", "/calls/changes?after=7%40elsewhere", undefined, 410, "not known here any more"],
  ] as const) {
    const answer = await ask(path, { method, ...(body === undefined ? {} : { body }) });
    const error = { message: expect.stringContaining(said), nextStep: expect.stringMatching(/\.$/) };
    expect(answer, `${method} ${path}`).toMatchObject({ status, body: { error } });
  }
});

test("a stream of what is written: begins with its position, goes on from one, and ends when the agent does", async () => {
  const { put, ask, fetched, log } = shared;
  const controller = new AbortController();
  const response = await fetched("/calls/changes?prefix=a", { headers: { accept: "text/event-stream" }, signal: controller.signal });
  let text = "";
  const reading = (async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  })().catch(() => {});
  const position = await waitFor("its position", () => /^id: (.+)\nevent: position\n/.exec(text)?.[1]);
  await put("/calls/records/b", 1);
  await put("/calls/records/a1", { n: 1 });
  await ask("/calls/records/a1", { method: "DELETE" });
  await waitFor("both", () => text.includes("event: delete"));
  controller.abort();
  await reading;
  expect(text).toMatch(/event: put\ndata: \{"key":"a1","value":\{"n":1\}|event: delete\ndata: \{"key":"a1"\}/);
  const again = await ask(`/calls/changes?after=${encodeURIComponent(position)}`);
  expect(again.body).toMatchObject({
    changes: [
      { key: "b", record: { value: 1 } },
      { key: "a1", record: null },
    ],
  });
  expect((await ask(`/calls/changes?after=${encodeURIComponent(again.body.position)}`)).body).toEqual({
    changes: [],
    position: again.body.position,
  });
  expect(log.error).not.toHaveBeenCalled();
});
