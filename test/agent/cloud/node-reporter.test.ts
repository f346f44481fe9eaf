import { beforeEach, describe, expect, it } from "vitest";
import { NodeReporter } from "../../../agent/cloud/node-reporter.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import type { NodeReport } from "../../../shared/domain/monitoring/node-report.ts";

let now: number;
let documentVersion: number;
let isStale: boolean;
/** When each report was sent, and what it said. */
let sent: [number, number][];
let reporter: NodeReporter;

beforeEach(() => {
  [now, documentVersion, isStale, sent] = [0, 1, false, []];
  reporter = new NodeReporter({
    build,
    send: (report) => sent.push([now, report.documentVersion]),
    nowMs: () => now,
    leastIntervalMs: 2_000,
    inARow: 3,
    mostIntervalMs: 60_000,
  });
});

function build(): NodeReport {
  return {
    clusterId: "clus_1" as ClusterId,
    nodeId: "node_1" as NodeId,
    at: new Date(now).toISOString(),
    agentVersion: "0.1.0",
    incarnation: 1,
    documentVersion,
    groups: [],
    peers: [{ nodeId: "node_2" as NodeId, reachable: true, lastHeardMs: now % 100 }],
    dataSets: [],
    alarms: [{ name: "age", dataSet: "crm", colour: isStale ? "red" : "green", reason: `what it shows of node_2 is ${now / 1_000} s old` }],
  };
}

/** Looks five times a second until then; something changes each so often. */
function lookUntil(endMs: number, changesEveryMs = Number.POSITIVE_INFINITY): void {
  for (; now < endMs; now += 200) {
    if (now > 0 && now % changesEveryMs === 0) documentVersion += 1;
    reporter.look();
  }
}

describe("reports of a node to the cloud", () => {
  it("says what has changed at once, and nothing where only ages have", () => {
    lookUntil(10_000);
    documentVersion = 2;
    lookUntil(20_000);
    isStale = true;
    lookUntil(30_000);
    expect(sent).toEqual([
      [0, 1],
      [10_000, 2],
      [20_000, 2],
    ]);
  });

  it("after a quiet time three changes in a row are told at once; then one in two seconds, with the newest", () => {
    lookUntil(10_000);
    lookUntil(20_000, 200);
    const times = sent.map(([atMs]) => atMs).filter((atMs) => atMs >= 10_000);
    expect(times).toEqual([10_000, 10_200, 10_400, 12_000, 14_000, 16_000, 18_000]);
    expect(sent.at(-1)).toEqual([18_000, documentVersion - (20_000 - 18_200) / 200]);
  });

  it("a minute of silence ends with a report that says the same again", () => {
    lookUntil(121_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([0, 60_000, 120_000]);
  });
});
