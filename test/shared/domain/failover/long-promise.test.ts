import { describe, expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import type { DurableRecord } from "../../../../shared/domain/failover/durable-record.ts";
import type { LongRequest } from "../../../../shared/domain/failover/messages.ts";
import { initialState, type NodeState, step } from "../../../../shared/domain/failover/step.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import { a, b, c, documentOf, group, sentIn, TestNode } from "./test-node.ts";

const longUs = 15_000_000;

/** Node a as a voter that has promised the group to b under number 1, request 1. */
function boundNode(): TestNode {
  const node = new TestNode();
  expect(sentIn(node.hears(node.requestOf(b)))).toMatchObject([{ type: "lease-grant" }]);
  return node;
}

function longRequest(node: TestNode, patch: Partial<LongRequest> = {}): LongRequest {
  const { sequence, documentVersion } = node.requestOf(b);
  const envelope = { from: b, incarnation: 1, sequence, documentVersion };
  return { type: "long-request", ...envelope, group, epoch: 1, forUs: longUs, requestId: 2, seen: null, ...patch };
}

function answersOf(node: TestNode, from: LongRequest): readonly unknown[] {
  return sentIn(node.hears(from)).filter(({ type }) => type === "long-grant" || type === "lease-refusal");
}

describe("a voter that is asked for a long promise", () => {
  it("answers when it is on disk, and not before; the heartbeats before then name the ordinary promise alone", () => {
    const node = boundNode();
    const asked = step(node.state, { type: "message", message: longRequest(node), path: mainPath }, node.nowMs * 1_000);
    expect(sentIn(asked.effects).filter(({ type }) => type === "long-grant")).toEqual([]);
    const persist = asked.effects.find((effect) => effect.type === "persist");
    expect(persist?.record.longPromises[group]).toEqual({
      to: b,
      toIncarnation: 1,
      epoch: 1,
      requestId: 2,
      forUs: longUs,
      documentVersion: 1,
    });
    expect(asked.state.grants[group]?.long).toBeNull();
    const record: DurableRecord = persist?.record ?? { incarnation: 0, epochCeilings: {}, longPromises: {}, soles: {} };
    const stored = step(asked.state, { type: "persisted", record }, node.nowMs * 1_000 + 20_000);
    expect(sentIn(stored.effects)).toMatchObject([{ type: "long-grant", to: b, requestId: 2, forUs: longUs }]);
    expect(stored.state.grants[group]?.long).toMatchObject({ requestId: 2, untilUs: node.nowMs * 1_000 + 20_000 + longUs });
  });

  it("makes it to the present holder alone, and for its own number", () => {
    const node = boundNode();
    expect(answersOf(node, longRequest(node, { from: c }))).toMatchObject([{ reason: "held-by-another", holder: b }]);
    expect(answersOf(node, longRequest(node, { incarnation: 2 }))).toMatchObject([{ reason: "held-by-another" }]);
    expect(answersOf(node, longRequest(node, { incarnation: 2, epoch: 2 }))).toMatchObject([{ reason: "held-by-another" }]);
    const other = boundNode();
    expect(answersOf(other, longRequest(other, { epoch: 2 }))).toMatchObject([{ reason: "older-epoch" }]);
    expect(answersOf(other, longRequest(other, { forUs: longUs + 1 }))).toMatchObject([{ reason: "held-by-another" }]);
    other.pass(700);
    expect(answersOf(other, longRequest(other))).toMatchObject([{ reason: "held-by-another" }]);
  });

  it("refuses everybody else until it has run out, whatever becomes of the ordinary promise", () => {
    const node = boundNode();
    node.hears(longRequest(node));
    node.pass(14_990);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2 })))).toMatchObject([{ reason: "held-by-another", holder: b }]);
    node.pass(20);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2, requestId: 2 })))).toMatchObject([{ type: "lease-grant", to: c }]);
  });

  it("is let go by the holder's word alone; a long request that comes after that word makes no promise", () => {
    const node = boundNode();
    node.hears(longRequest(node));
    node.hears(longRequest(node, { requestId: 9, forUs: 0 }));
    expect(node.state.grants[group]).toMatchObject({ to: b, long: null });
    expect(answersOf(node, longRequest(node, { requestId: 5 }))).toEqual([]);
    node.pass(600);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2 })))).toMatchObject([{ type: "lease-grant", to: c }]);
  });

  it("forgets it with a release of the lease, and has the disk forget it", () => {
    const node = boundNode();
    node.hears(longRequest(node));
    const { sequence } = node.requestOf(b);
    const word = { from: b, incarnation: 1, sequence, documentVersion: 1, group, epoch: 1, successor: null, planned: false, reason: "" };
    const effects = node.hears({ type: "lease-release", ...word });
    expect(effects.find((effect) => effect.type === "persist")?.record.longPromises).toEqual({});
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2 })))).toMatchObject([{ type: "lease-grant", to: c }]);
  });

  it("an ordinary renewal by a shorter lease shortens nothing: its answer may be lost", () => {
    const node = boundNode();
    const untilUs = node.state.grants[group]?.untilUs ?? 0;
    node.hears(node.requestOf(b, { requestId: 2, leaseUs: 300_000 }));
    expect(node.state.grants[group]).toMatchObject({ requestId: 2, untilUs });
  });

  it("keeps it for its whole length from its next start; one to itself ends with that start", () => {
    const made = { toIncarnation: 1, epoch: 1, requestId: 2, forUs: longUs, documentVersion: 1 };
    const restarted = (to: typeof a): NodeState =>
      initialState({
        nodeId: a,
        incarnation: 2,
        epochCeilings: { [group]: 16 },
        soles: {},
        longPromises: { [group]: { to, ...made } },
        cleanStop: null,
        detached: null,
        document: documentOf([a, b, c]),
        settings: failoverSettings,
        nowUs: 500_000,
      });
    expect(restarted(b).grants[group]).toMatchObject({ to: b, epoch: 16, long: { untilUs: 15_500_000 } });
    expect(restarted(a).grants[group]).toMatchObject({ to: null, epoch: 16 });
  });
});
