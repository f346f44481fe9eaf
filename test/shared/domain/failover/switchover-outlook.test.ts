import { describe, expect, it } from "vitest";
import type { Heartbeat } from "../../../../shared/domain/failover/messages.ts";
import { switchoverOutlook, switchoverRefusal } from "../../../../shared/domain/failover/switchover-outlook.ts";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { shortName } from "../../../simulation/cluster.ts";
import { a, b, c, group, TestNode } from "./test-node.ts";

/** The whole outlook as text, as an operator would read it. */
function told(node: TestNode): string {
  const { holder, obstacle, nodes } = switchoverOutlook(node.state, group, node.nowMs * 1_000);
  const lines = nodes.flatMap((one) => [
    `${shortName(one.node)}: ${one.refusal === null ? "could take it" : `refused, ${one.refusal}`}`,
    ...one.reasonsFor.map((reason) => `  + ${reason}`),
    ...one.reasonsAgainst.map((reason) => `  - ${reason}`),
  ]);
  const head = `on ${holder === null ? "nobody" : shortName(holder)}${obstacle === null ? "" : `; ${obstacle}`}`;
  return [head, ...lines].join("\n").replaceAll(/node_([a-z])\1{19}/g, "$1");
}

function beat(node: TestNode, from: NodeId, told: Partial<Heartbeat["groups"][number]> = {}): void {
  const one = {
    group,
    state: "standby",
    epoch: 0,
    highestAsked: 0,
    holder: a,
    ineligible: null,
    released: null,
    moves: [],
    movesForgiven: 0,
    sole: { number: 0, node: null },
    soleWish: 0,
    ...told,
  };
  node.hears(node.beatOf(from, { groups: [one] }));
}

const sqlite = { kind: "sqlite", name: "calls", local: [] } as const;
const shared = { kind: "shared", name: "billing" } as const;

type DataSet = Heartbeat["status"]["dataSets"][number];

function dataSet(vector: Record<string, number>, phase: DataSet["phase"] = "following"): DataSet {
  return { name: "calls", phase, vector, unacknowledged: { changes: 0, oldestAgeMs: 0 }, behind: 0 };
}

function statusWith(set: DataSet): Heartbeat["status"] {
  return { threadAgesMs: {}, dataSets: [set], groupProblems: {} };
}

describe("what would become of a switchover", () => {
  it("one node is fit, one is not", () => {
    const node = new TestNode();
    node.becomeOperational();
    beat(node, b);
    beat(node, c, { ineligible: "check web failed here: it answered with status 500 in place of 200" });
    expect(told(node)).toMatchInlineSnapshot(`
      "on a
      a: refused, a runs the group already
        + it is the group's preferred node
        - it runs the group already
      b: could take it
        + it is heard, and says that it could take the group
      c: refused, c cannot take the group now: check web failed here: it answered with status 500 in place of 200
        - check web failed here: it answered with status 500 in place of 200"
    `);
  });

  it("nobody else is heard: one was silent for a while, one never was", () => {
    const node = new TestNode();
    node.becomeOperational();
    node.pass(500);
    expect(told(node)).toMatchInlineSnapshot(`
      "on nobody; this node does not run it (it is standby)
      a: refused, this node does not run it (it is standby)
        + it is the group's preferred node
      b: refused, this node does not run it (it is standby)
        - it has not been heard for 500 ms
      c: refused, this node does not run it (it is standby)
        - it was never heard since this agent started"
    `);
  });

  it("asked of a node that does not run the group", () => {
    const node = new TestNode();
    beat(node, b, { state: "operational", epoch: 3, holder: b });
    expect(told(node)).toMatchInlineSnapshot(`
      "on b; the group is on b, which alone can hand it over
      a: refused, the group is on b, which alone can hand it over
        + it is the group's preferred node
      b: refused, the group is on b, which alone can hand it over
        + it is heard, and says that it could take the group
        - it runs the group already
      c: refused, the group is on b, which alone can hand it over
        - it was never heard since this agent started"
    `);
  });

  it("asked while nobody runs it", () => {
    const node = new TestNode();
    expect(told(node)).toMatchInlineSnapshot(`
      "on nobody; this node does not run it (it is standby)
      a: refused, this node does not run it (it is standby)
        + it is the group's preferred node
      b: refused, this node does not run it (it is standby)
        - it was never heard since this agent started
      c: refused, this node does not run it (it is standby)
        - it was never heard since this agent started"
    `);
  });

  it("a database that all nodes use is nobody's to have: nothing waits for it", () => {
    const node = new TestNode();
    node.take({ type: "document", document: { ...node.state.document, version: 2, dataSets: [shared] } });
    node.becomeOperational();
    node.hears(node.beatOf(b, { documentVersion: 2 }));
    expect(told(node)).not.toMatch(/data/);
    expect(switchoverRefusal(node.state, group, b, node.nowMs * 1_000)).toBeNull();
  });

  it("data: what the target lacks is told, and refuses nothing; what cannot be followed here refuses everything", () => {
    const node = new TestNode();
    node.take({
      type: "document",
      document: { ...node.state.document, version: 2, dataSets: [sqlite, shared] },
    });
    const behind = dataSet({ [`${a}:1`]: 5 });
    const heard = (from: NodeId, set: DataSet): void =>
      void node.hears(node.beatOf(from, { status: statusWith(set), documentVersion: from === b ? 2 : 1 }));
    node.take({ type: "status", status: statusWith(dataSet({ [`${a}:1`]: 12 })) });
    node.becomeOperational();
    heard(b, dataSet({ [`${a}:1`]: 12 }));
    heard(c, behind);
    expect(told(node)).toMatchInlineSnapshot(`
      "on a
      a: refused, a runs the group already
        + it is the group's preferred node
        - it runs the group already
      b: could take it
        + it is heard, and says that it could take the group
        + it has every change
      c: could take it
        + it is heard, and says that it could take the group
        - it lacks 7 changes, and would receive them before it starts
        - it acts on cluster document 1, and not yet on 2"
    `);
    node.take({ type: "status", status: statusWith(dataSet({}, "refused")) });
    expect(told(node).split("\n")[0]).toMatchInlineSnapshot(
      `"on a; data set calls is not followed on this node (refused), so what was written to it cannot be sent"`,
    );
    expect(switchoverRefusal(node.state, group, null, node.nowMs * 1_000)).toMatch(/is not followed on this node/);
  });

  it("no such group, and a node that is not in its order", () => {
    const node = new TestNode();
    node.becomeOperational();
    expect(switchoverOutlook(node.state, "other" as typeof group, 0)).toEqual({
      group: "other",
      holder: null,
      obstacle: "there is no such group",
      nodes: [],
    });
    expect(switchoverRefusal(node.state, group, "node_stranger" as NodeId, node.nowMs * 1_000)).toBe(
      "node_stranger is not in the group's order",
    );
  });
});
