import { describe, expect, it } from "vitest";
import type { Sole } from "../../../../shared/domain/failover/durable-record.ts";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { GroupState, Heartbeat } from "../../../../shared/domain/failover/messages.ts";
import { mayGoOnAlone } from "../../../../shared/domain/failover/sole-note.ts";
import { a, b, c, documentOf, group, sentIn, TestNode } from "./test-node.ts";

const survivor = { ...documentOf([a, b]), whenAlone: "survivor" } as const;

function pair(): TestNode {
  return new TestNode([a, b], { grants: [] }, survivor);
}

function operational(): TestNode {
  const node = pair();
  node.becomeOperational();
  return node;
}

/** What b says of the group. */
function told(node: TestNode, patch: Partial<GroupState>): Heartbeat {
  const beat = node.beatOf(b);
  return { ...beat, groups: beat.groups.map((one) => ({ ...one, ...patch })) };
}

function lastBeat(effects: readonly Effect[]): GroupState | undefined {
  const beats = sentIn(effects).filter((message) => message.type === "heartbeat");
  return beats.at(-1)?.groups[0];
}

function noteOf(node: TestNode): Sole | undefined {
  return node.state.soles[group];
}

describe("who may go on alone, of two nodes", () => {
  it("the operational node asks; not before the other one has it on its disk does it count on it", () => {
    const node = operational();
    expect(lastBeat(node.pass(100))).toMatchObject({ soleWish: 1, sole: { number: 0, node: null } });
    expect(mayGoOnAlone(node.state, group)).toBe(false);
    node.hears(told(node, { sole: { number: 1, node: a } }));
    expect(mayGoOnAlone(node.state, group)).toBe(true);
    node.pass(5_000);
    expect(node.groupState).toBe("operational");
  });

  it("not yet on its own disk: it does not count on it either", () => {
    const node = operational();
    node.hears(told(node, { sole: { number: 1, node: a } }));
    node.state = { ...node.state, solesStored: {} };
    expect(mayGoOnAlone(node.state, group)).toBe(false);
    node.pass(700);
    expect(node.groupState).not.toBe("operational");
  });

  it("asked by the operational one: writes the note, says so once it is stored, and gives its vote to nobody else", () => {
    const node = pair();
    const effects = node.hears(told(node, { state: "operational", epoch: 3, soleWish: 4 }));
    expect(effects.filter(({ type }) => type === "persist").at(-1)).toMatchObject({
      record: { soles: { [group]: { number: 4, node: b } } },
    });
    expect(lastBeat(effects)).toMatchObject({ sole: { number: 4, node: b } });
    node.pass(5_000);
    expect(node.groupState).toBe("isolated");
  });

  it("an older wish, and one in a cluster that stops: nothing is agreed", () => {
    const node = pair();
    node.hears(told(node, { state: "operational", epoch: 3, soleWish: 4 }));
    node.hears(told(node, { sole: { number: 5, node: null }, soleWish: 5 }));
    expect(noteOf(node)).toEqual({ number: 5, node: null });
    const stopping = new TestNode([a, b]);
    stopping.hears(told(stopping, { state: "operational", epoch: 3, soleWish: 4 }));
    expect(noteOf(stopping)).toBeUndefined();
  });

  it("named without need: gives it up, under a higher number", () => {
    const node = pair();
    node.hears(told(node, { sole: { number: 7, node: a } }));
    expect(noteOf(node)).toEqual({ number: 8, node: null });
  });

  it("the document ends it: no lease that was counted on it is under way when it is given up", () => {
    const node = operational();
    node.hears(told(node, { sole: { number: 1, node: a } }));
    node.pass(1_000);
    node.take({ type: "document", document: { ...documentOf([a, b], 2) } });
    expect(noteOf(node)).toEqual({ number: 1, node: a });
    node.pass(400);
    expect(node.groupState).not.toBe("operational");
    node.pass(200);
    expect(noteOf(node)).toEqual({ number: 2, node: null });
  });

  it("another one runs it under a higher epoch: steps down at once", () => {
    const node = operational();
    node.hears(told(node, { sole: { number: 1, node: a } }));
    const effects = node.hears(told(node, { state: "operational", epoch: 1_000_001, sole: { number: 2, node: b } }));
    expect(effects.find(({ type }) => type === "stop-resources")).toMatchObject({ deadlineUs: node.nowMs * 1_000 });
    expect(noteOf(node)).toEqual({ number: 2, node: b });
  });
});

describe("an operator has a node go on alone", () => {
  const takeover = { type: "takeover", group, reason: "the other one has burnt" } as const;

  function refusal(node: TestNode): string | undefined {
    const details = node.take(takeover).flatMap((effect) => (effect.type === "report" ? [effect.detail] : []));
    return details.flatMap((detail) => (detail.kind === "group.takeover-refused" ? [detail.reason] : []))[0];
  }

  it("the other one is silent: takes the note, a million epochs ahead, and starts", () => {
    const node = pair();
    node.hears(told(node, { state: "operational", epoch: 3, soleWish: 4 }));
    node.pass(1_500);
    const effects = [...node.take(takeover), ...node.pass(100)];
    expect(noteOf(node)).toEqual({ number: 1_000_003, node: a });
    expect(effects.find(({ type }) => type === "start-resources")).toMatchObject({ epoch: 1_000_004 });
    expect(effects).toContainEqual({
      type: "report",
      detail: {
        kind: "group.claimed",
        group,
        epoch: 1_000_003,
        from: b,
        silentMs: 1_500,
        by: "operator",
        reason: "the other one has burnt",
      },
    });
  });

  it("refused while the other one is heard, where this node runs it, is unfit, or a majority decides", () => {
    const node = pair();
    node.hears(told(node, { state: "operational", epoch: 3, soleWish: 4 }));
    expect(refusal(node)).toBe(`${b} is heard: move the group with understudy agent switchover`);
    node.pass(1_500);
    node.take({ type: "status", status: { threadAgesMs: {}, dataSets: [], groupProblems: { [group]: "its disk is broken" } } });
    expect(refusal(node)).toBe("its disk is broken");
    expect(refusal(operational())).toBe("this node runs it already, or still stops it");
    const three = new TestNode([a, b, c]);
    three.pass(1_000);
    expect(refusal(three)).toContain("a majority decides");
  });
});
