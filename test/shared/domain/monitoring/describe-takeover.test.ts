import { describe, expect, it } from "vitest";
import type { GroupName, NodeId, PathName } from "../../../../shared/domain/ids.ts";
import type { EventDetail } from "../../../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../../../shared/domain/monitoring/describe-event.ts";
import type { TakeoverCourse } from "../../../../shared/domain/monitoring/takeover-course.ts";

const [a, b, c, d] = ["node-a", "node-b", "node-c", "node-d"] as readonly string[] as readonly [NodeId, NodeId, NodeId, NodeId];
const [lan, second] = ["lan", "lan-b"] as readonly string[] as readonly [PathName, PathName];

const course: TakeoverCourse = {
  heardBeforeMs: 700,
  silentBeforeMs: 280,
  paths: [{ path: lan, heardBeforeMs: 700 }],
  heardByOthers: [{ node: c, heardBeforeMs: 690 }],
  freeBeforeMs: 100,
  askedBeforeMs: 99,
  addressesQuietForMs: null,
  addresses: [{ address: "10.77.0.100", probedBeforeMs: 80, probeEndedBeforeMs: 60, answeredBy: null, upBeforeMs: 10 }],
};
const takeover = {
  kind: "group.takeover",
  group: "default" as GroupName,
  epoch: 7,
  from: a,
  silentMs: 607,
  released: null,
  votes: 2,
  voters: 3,
  startedInMs: 93.4,
  behind: 0,
} as const satisfies EventDetail;
const told = (parts: Partial<TakeoverCourse>, from: NodeId | null = a): string =>
  describeEvent({ ...takeover, from, course: { ...course, ...parts } }, b, (node) => node);

describe("the sentences about a takeover", () => {
  it("what was seen by whom, the votes, and every step since the last word of the old holder", () => {
    expect(told({})).toBe(
      "node-b took over group default: node-a silent for 607 ms, 2 of 3 votes. Since the last word of node-a: found silent after 420 ms, " +
        "free after 600 ms, asked for after 601 ms, won after 607 ms, running after 700 ms; not heard by node-c either; " +
        "nobody answered for 10.77.0.100 when this node asked after 620 ms, and it was up here after 690 ms",
    );
  });

  it("several paths: by which one the last word came", () => {
    const paths = [
      { path: lan, heardBeforeMs: 900 },
      { path: second, heardBeforeMs: 700 },
    ];
    expect(told({ paths })).toContain("; that word came on lan-b, on lan 200 ms earlier; ");
    expect(told({ paths: paths.slice(1).concat({ path: lan, heardBeforeMs: 900 }) })).toContain("; that word came on lan-b, on lan 200");
  });

  it("others that heard nothing are named as such, and so is one that still heard it", () => {
    const heardByOthers = [
      { node: c, heardBeforeMs: null },
      { node: d, heardBeforeMs: 40 },
    ];
    expect(told({ heardByOthers })).toContain("; not heard by node-c either; node-d still heard it after 660 ms; ");
    expect(told({ heardByOthers: [], addresses: [] })).toMatch(/running after 700 ms$/);
  });

  it("addresses that were probed before the group was taken", () => {
    expect(told({ addressesQuietForMs: 640 })).toContain("; when it was won, nobody had answered for its addresses for 640 ms; ");
  });

  it("an address that somebody answered for", () => {
    const [address] = course.addresses;
    if (address === undefined) throw new Error("the course has an address");
    expect(told({ addresses: [{ ...address, answeredBy: "02:00:00:00:00:0a" }] })).toContain(
      "; 02:00:00:00:00:0a answered for 10.77.0.100 when this node asked after 620 ms, and it was up here after 690 ms",
    );
  });

  it("an address whose silence the new holder has measured itself", () => {
    const [address] = course.addresses;
    if (address === undefined) throw new Error("the course has an address");
    const sighting = { answeredBeforeMs: 702, unansweredBeforeMs: 655.4 };
    expect(told({ addresses: [{ ...address, sighting }] })).toMatch(
      /it was up here after 690 ms, silent for 645 to 692 ms by its own questions$/,
    );
  });

  it("a holder that gave the group back and is still heard: counted from the instant at which it was free", () => {
    const detail = { ...takeover, released: "it is unfit", silentMs: null, course: { ...course, silentBeforeMs: null, heardBeforeMs: 20 } };
    expect(describeEvent(detail, b, (node) => node)).toBe(
      "node-b took over group default: node-a gave it back (it is unfit), 2 of 3 votes. Since the group was free: asked for after 1 ms, won after 7 ms, " +
        "running after 100 ms; nobody answered for 10.77.0.100 when this node asked after 20 ms, and it was up here after 90 ms",
    );
  });

  it("no holder before, or none that was ever heard: no steps", () => {
    expect(told({}, null)).toBe("node-b took group default: it had no holder, 2 of 3 votes");
    expect(told({ heardBeforeMs: null })).toBe("node-b took over group default: node-a silent for 607 ms, 2 of 3 votes");
  });

  it("an event of an earlier agent, without a record of its steps", () => {
    expect(describeEvent({ ...takeover, behind: 3 }, b, (node) => node)).toBe(
      "node-b took over group default: node-a silent for 607 ms, 2 of 3 votes; 3 changes of node-a had not arrived yet",
    );
  });
});
