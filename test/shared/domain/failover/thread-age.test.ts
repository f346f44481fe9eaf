import { describe, expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import { ineligibility } from "../../../../shared/domain/failover/eligibility.ts";
import { b, c, group, requestsIn, TestNode } from "./test-node.ts";

const { threadAgeMsMax } = failoverSettings;
const statusWith = (ageMs: number) => ({
  type: "status" as const,
  status: { threadAgesMs: { main: 20, replication: ageMs }, dataSets: [], groupProblems: {} },
});
const reasonOf = ({ state, nowMs }: TestNode): string | null => {
  const run = state.groups[group];
  if (run === undefined) throw new Error("the node knows no group");
  return ineligibility(state, run, nowMs * 1_000);
};

describe("a thread of the agent that has not answered", () => {
  it("for longer than it may: the node asks for no group, and names the thread; as soon as it answers again the node is fit", () => {
    const node = new TestNode();
    node.take(statusWith(threadAgeMsMax + 1));
    const asked = [...node.hears(node.beatOf(b)), ...node.hears(node.beatOf(c)), ...node.pass(100)];
    expect(requestsIn(asked)).toEqual([]);
    expect(reasonOf(node)).toBe(`its thread replication has not answered for ${threadAgeMsMax + 1} ms`);
    node.take(statusWith(threadAgeMsMax));
    expect(reasonOf(node)).toBeNull();
    expect(requestsIn([...node.hears(node.beatOf(b)), ...node.pass(100)])).not.toEqual([]);
  });

  it("on the operational node: the group goes as planned to a node that is fit", () => {
    const node = new TestNode();
    node.becomeOperational();
    node.hears(node.beatOf(c));
    node.take(statusWith(threadAgeMsMax + 1));
    node.hears(node.beatOf(b));
    node.pass(50);
    expect(["draining", "handing-over"]).toContain(node.groupState);
  });
});
