import { describe, expect, it } from "vitest";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { ringAlarms } from "../../../../shared/domain/monitoring/ring-alarms.ts";
import type { DataSetStatus } from "../../../../shared/domain/replication/replication-status.ts";
import type { RingReport } from "../../../../shared/domain/replication/ring-report.ts";

const [a, b, c] = ["node_a", "node_b", "node_c"] as readonly string[] as readonly [NodeId, NodeId, NodeId];
const following: DataSetStatus = {
  name: "application",
  phase: "following",
  vector: {},
  syncingWith: { nodeId: b, expected: true },
  unacknowledged: { changes: 0, oldestAgeMs: 0 },
  behind: 0,
};
const clock: RingReport["clock"] = {
  standing: "aligned",
  aheadMs: 0,
  limitMs: 15_000,
  zone: "Europe/Vienna",
  released: false,
  peers: [
    { nodeId: b, aheadMs: 12, uncertaintyMs: 1, zone: "Europe/Vienna" },
    { nodeId: c, aheadMs: 90_000, uncertaintyMs: 1, zone: "UTC" },
  ],
};
const ages = { application: { [a]: { [b]: 400, [c]: 500 } } };

/** The alarm of this name, as `colour: reason`. */
function alarm(name: string, { set = {}, is = {}, ages: known = ages }: { set?: Partial<DataSetStatus>; is?: object; ages?: object }) {
  const ring = { expected: b, clock: { ...clock, ...is }, ages: known } as RingReport;
  const alarms = ringAlarms(a, { dataSets: [{ ...following, ...set }], ring, heard: [b], ageMsMax: 30_000 }, (node) => node);
  return alarms.filter((one) => one.name === name).map(({ colour, reason }) => `${colour}: ${reason}`);
}

describe("alarms of the ring", () => {
  it("readiness: green, or red with what is missing", () => {
    expect(alarm("readiness", {})).toEqual(["green: "]);
    expect(alarm("readiness", { set: { phase: "receiving-snapshot" } })).toEqual(["red: it is receiving its data"]);
    expect(alarm("readiness", { set: { phase: "refused", problem: "no key" } })).toEqual(["red: no key"]);
  });

  it("activity: green, yellow or red by whom it synchronises with, and grey while it is not ready", () => {
    const elsewhere = { nodeId: c, expected: false };
    expect(alarm("activity", {})).toEqual(["green: with node_b"]);
    expect(alarm("activity", { set: { syncingWith: elsewhere, unacknowledged: { changes: 3, oldestAgeMs: 70 } } })).toEqual([
      "yellow: with node_c, in place of node_b; 3 unacknowledged, the oldest 70 ms old",
    ]);
    const { syncingWith: _nobody, ...alone } = following;
    const ring = { expected: b, clock, ages } as RingReport;
    const alarms = ringAlarms(a, { dataSets: [alone], ring, heard: [], ageMsMax: 30_000 }, (node) => node);
    expect(alarms.find(({ name }) => name === "activity")).toMatchObject({ colour: "red", reason: "with nobody, in place of node_b" });
    expect(alarm("activity", { set: { phase: "waiting-for-database" } })).toEqual(["grey: not ready"]);
  });

  it("age: red beyond the bound, of nodes that are there alone", () => {
    expect(alarm("age", {})).toEqual(["green: what it shows of node_b is 0.4 s old"]);
    expect(alarm("age", { ages: { application: { [a]: { [b]: 31_000 } } } })).toEqual(["red: what it shows of node_b is 31.0 s old"]);
    expect(alarm("age", { ages: { application: { [a]: { [c]: 31_000 } } } })).toEqual(["grey: nothing is known yet"]);
  });

  it("time: against the successor's clock and zone, and what a majority says of its own", () => {
    expect(alarm("time", {})).toEqual(["green: node_b is 0.012 s ahead"]);
    expect(alarm("time", { is: { standing: "ahead", aheadMs: 60_000 } })).toEqual([
      "red: this node's clock is 60.0 s ahead of the others'",
    ]);
    expect(alarm("time", { is: { standing: "behind", aheadMs: -10 } })).toEqual(["red: this node's clock was wrong until just now"]);
    expect(alarm("time", { is: { standing: "disputed" } })).toEqual(["red: the clocks differ, and no majority says whose is wrong"]);
    expect(alarm("time", { is: { standing: "unknown" } })).toEqual(["grey: no other node's clock is known"]);
    expect(alarm("time", { is: { zone: "UTC" } })).toEqual(["red: time zone UTC here, Europe/Vienna on node_b"]);
    expect(alarm("time", { is: { peers: [{ nodeId: b, aheadMs: -20_000, uncertaintyMs: 1, zone: null }] } })).toEqual([
      "red: node_b is 20.000 s behind",
    ]);
  });

  it("time: yellow before the limit is reached, with the limit", () => {
    const peer = { nodeId: b, uncertaintyMs: 5, zone: null };
    expect(alarm("time", { is: { peers: [{ ...peer, aheadMs: 1_004 }] } })).toEqual(["green: node_b is 1.004 s ahead"]);
    expect(alarm("time", { is: { peers: [{ ...peer, aheadMs: -1_300 }] } })).toEqual([
      "yellow: node_b is 1.300 s behind; the limit is 15 s",
    ]);
    expect(alarm("time", { is: { aheadMs: -4_000 } })).toEqual([
      "yellow: this node's clock is 4.0 s behind the others'; the limit is 15 s",
    ]);
    expect(alarm("time", { is: { limitMs: 1_000, peers: [{ ...peer, aheadMs: 600 }] } })).toEqual([
      "yellow: node_b is 0.600 s ahead; the limit is 1 s",
    ]);
  });

  it("a node that is alone has no ring", () => {
    const ring = { expected: null, clock, ages } as RingReport;
    const alarms = ringAlarms(a, { dataSets: [following], ring, heard: [], ageMsMax: 30_000 }, (node) => node);
    expect(alarms.map(({ name }) => name)).toEqual(["readiness"]);
  });
});
