import { beforeEach, describe, expect, it } from "vitest";
import { NodeReporter } from "../../../agent/cloud/node-reporter.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import type { NodeReport } from "../../../shared/domain/monitoring/node-report.ts";
import { preflight } from "../../../shared/domain/preflight/preflight-checks.ts";
import type { DiskFact } from "../../../shared/domain/preflight/preflight-facts.ts";
import { preflightReport } from "../../../shared/domain/preflight/preflight-report.ts";
import { wellServer } from "../../shared/domain/preflight/well-server.ts";

let now: number;
let documentVersion: number;
let isStale: boolean;
let isWarned: boolean;
let behind: number;
let freeBytes: number;
/** When each report was sent, and what it said. */
let sent: [number, number][];
let reporter: NodeReporter;

beforeEach(() => {
  [now, documentVersion, isStale, isWarned, behind, freeBytes, sent] = [0, 1, false, false, 0, 50_000_000_000, []];
  reporter = new NodeReporter({
    build,
    send: (report) => sent.push([now, report.documentVersion]),
    nowMs: () => now,
    leastIntervalMs: 2_000,
    inARow: 3,
    firstQuietMs: 60_000,
    longestQuietMs: 200_000,
    levelForMs: 10_000,
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
    dataSets: [{ name: "data", phase: "following", vector: {}, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind }],
    alarms: [
      { name: "age", dataSet: "crm", colour: isStale ? "red" : "green", reason: `what it shows of node_2 is ${now / 1_000} s old` },
      { name: "time", dataSet: null, colour: isWarned ? "yellow" : "green", reason: `node_2 is ${isWarned ? 1_001 : 999} ms ahead` },
    ],
    preflight: preflightReport(new Date(now).toISOString(), preflight({ ...wellServer, disks: [diskWith(freeBytes)] }), []),
  };
}

function diskWith(bytes: number): DiskFact {
  const seen = { value: { fileSystem: "ext4", mountPoint: "/", freeBytes: bytes } };
  return { setting: "dataDir", path: "/var/lib/understudy", seen, databaseBytes: 0 };
}

/** Looks five times a second until then; something changes each so often. */
function lookUntil(endMs: number, changesEveryMs = Number.POSITIVE_INFINITY): void {
  for (; now < endMs; now += 200) {
    if (now > 0 && now % changesEveryMs === 0) documentVersion += 1;
    reporter.look();
  }
}

describe("reports of a node to the cloud", () => {
  it("a disk that fills: told when a check warns, and not with every byte", () => {
    lookUntil(10_000);
    freeBytes = 500_000_000;
    lookUntil(20_000);
    freeBytes = 400_000_000;
    lookUntil(30_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([0, 10_000]);
  });

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

  it("a clock that goes to and fro over where it is warned of: told with the next report, and no report for it", () => {
    lookUntil(10_000);
    for (const [end, warned] of [
      [20_000, true],
      [30_000, false],
      [50_000, true],
    ] as const) {
      isWarned = warned;
      lookUntil(end);
    }
    expect(sent).toEqual([[0, 1]]);
  });

  it("after a quiet time three changes in a row are told at once; then one in two seconds, with the newest", () => {
    lookUntil(10_000);
    lookUntil(20_000, 200);
    const times = sent.map(([atMs]) => atMs).filter((atMs) => atMs >= 10_000);
    expect(times).toEqual([10_000, 10_200, 10_400, 12_000, 14_000, 16_000, 18_000]);
    expect(sent.at(-1)).toEqual([18_000, documentVersion - (20_000 - 18_200) / 200]);
  });

  it("where nothing happens it says the same again, after longer and longer pauses, until something does", () => {
    lookUntil(600_000);
    documentVersion = 2;
    lookUntil(700_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([0, 60_000, 180_000, 380_000, 580_000, 600_000, 660_000]);
  });

  it("a replica that is level now and behind then, as it is while an application writes, is no news", () => {
    for (; now < 59_000; now += 200) {
      behind = now % 600 === 0 ? 3 : 0;
      reporter.look();
    }
    expect(sent).toHaveLength(1);
  });

  it("one that stays behind is told once, and that it is level again too", () => {
    lookUntil(5_000);
    behind = 3;
    lookUntil(25_000);
    behind = 0;
    lookUntil(50_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([0, 15_000, 35_000]);
  });

  it("what a report happened to say of a moment is put right once it has passed", () => {
    lookUntil(5_000);
    [behind, documentVersion] = [3, 2];
    lookUntil(5_400);
    behind = 0;
    lookUntil(40_000);
    expect(sent.map(([atMs]) => atMs)).toEqual([0, 5_000, 15_400]);
  });
});
