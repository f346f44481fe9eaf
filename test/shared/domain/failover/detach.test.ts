import { describe, expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import { longVotesNeeded } from "../../../../shared/domain/failover/lease.ts";
import type { LongGrant } from "../../../../shared/domain/failover/messages.ts";
import { initialState, step } from "../../../../shared/domain/failover/step.ts";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import { a, b, c, documentOf, group, sentIn, TestNode } from "./test-node.ts";

const longUs = 15_000_000;

function holder(): TestNode {
  const node = new TestNode();
  node.becomeOperational();
  node.hears(node.beatOf(c));
  return node;
}

function askedFor(effects: readonly Effect[]): number {
  const request = sentIn(effects).find((message) => message.type === "long-request");
  if (request?.type !== "long-request") throw new Error("no long request was sent");
  return request.requestId;
}

function longGrant(node: TestNode, from: NodeId, requestId: number): LongGrant {
  const { sequence, documentVersion } = node.requestOf(from);
  const envelope = { from, incarnation: 1, sequence, documentVersion };
  return { type: "long-grant", ...envelope, group, to: a, toIncarnation: 1, epoch: 1, requestId, forUs: longUs, seen: null };
}

describe("a node whose agent is to be started anew", () => {
  it("leaves once it has the promises that it needs: its lease is long, peers know, and nothing more is said", () => {
    const node = holder();
    const askedAtMs = node.nowMs;
    const requestId = askedFor(node.take({ type: "detach" }));
    node.pass(20);
    const first = node.hears(longGrant(node, b, requestId));
    expect(first.some(({ type }) => type === "detached")).toBe(false);
    const effects = node.hears(longGrant(node, c, requestId));
    const left = effects.find((effect) => effect.type === "detached");
    // 15 s less the margin, from before the request.
    expect(left?.detached).toMatchObject({ incarnation: 1, untilUs: askedAtMs * 1_000 + longUs - 350_000, held: [{ group, epoch: 1 }] });
    expect(sentIn(effects).filter(({ type }) => type === "away")).toHaveLength(2);
    // Of three voters any one may have forgotten its long promise: two carry nothing yet.
    expect(first).not.toContainEqual(expect.objectContaining({ type: "hold-until", untilUs: left?.detached.untilUs }));
    expect(effects).toContainEqual(expect.objectContaining({ type: "hold-until", untilUs: left?.detached.untilUs }));
    expect(node.pass(1_000)).toEqual([]);
  });

  it("goes on as the same incarnation, with the next numbers, under the same epoch", () => {
    const node = holder();
    const requestId = askedFor(node.take({ type: "detach" }));
    node.hears(longGrant(node, b, requestId));
    const left = node.hears(longGrant(node, c, requestId)).find((effect) => effect.type === "detached");
    if (left === undefined) throw new Error("it did not leave");
    const { detached } = left;
    const start = { nodeId: a, incarnation: 1, epochCeilings: node.state.stored, longPromises: {}, soles: {}, cleanStop: null, detached };
    const nowUs = node.nowMs * 1_000 + 2_000_000;
    const state = initialState({ ...start, document: documentOf([a, b, c]), settings: failoverSettings, nowUs });
    expect(state.groups[group]).toMatchObject({ state: "operational", epoch: 1, leaseEndUs: detached.untilUs });
    const first = step(state, { type: "tick" }, nowUs);
    expect(first.state.groups[group]?.state).toBe("operational");
    const sent = sentIn(first.effects);
    expect(sent.length).toBeGreaterThan(0);
    for (const message of sent) expect(message).toMatchObject({ incarnation: 1 });
    expect(Math.min(...sent.map(({ sequence }) => sequence))).toBe(detached.sequence + 1);
  });

  it("stays where they do not come, says why, and gives back what did come", () => {
    const node = holder();
    const requestId = askedFor(node.take({ type: "detach" }));
    node.hears(longGrant(node, b, requestId));
    const effects: Effect[] = [];
    for (let beats = 0; beats < 40; beats += 1) {
      for (const effect of node.pass(100)) {
        effects.push(effect);
        if (effect.type !== "send" || effect.message.type !== "lease-request" || effect.to !== b) continue;
        node.hears(node.grantOf(b, effect.message));
        const grants = [{ group, to: a, toIncarnation: 1, epoch: 1, requestId: effect.message.requestId, remainingUs: 9_000_000 }];
        node.hears(node.beatOf(b, { grants }));
        node.hears(node.beatOf(c));
      }
    }
    const reasons = effects.flatMap((effect) => (effect.type === "report" ? [effect.detail] : []));
    expect(reasons).toContainEqual({
      kind: "agent.detach-refused",
      reason: "2 of 3 voters have promised group default for so long, and 3 are needed",
    });
    expect(node.groupState).toBe("operational");
    expect(node.state.groups[group]).toMatchObject({ long: {}, longRound: null });
    // Its lease is an ordinary one again, and whoever is bound for longer is let go.
    expect((node.state.groups[group]?.leaseEndUs ?? 0) - node.nowMs * 1_000).toBeLessThan(600_000);
    expect(sentIn(effects)).toContainEqual(expect.objectContaining({ type: "long-request", forUs: 0 }));
    expect(node.state.grants[group]?.long).toBeNull();
  });

  it("is refused in the silence of a fresh voter", () => {
    const node = new TestNode([a, b, c], null);
    expect(node.take({ type: "detach" })).toContainEqual(
      expect.objectContaining({ detail: expect.objectContaining({ kind: "agent.detach-refused" }) }),
    );
  });

  it("needs so many voters that one which forgets its promise leaves the others no majority", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(longVotesNeeded)).toEqual([1, 2, 3, 3, 4, 4, 5, 5]);
    for (const voters of [2, 3, 4, 5, 6, 7, 8]) {
      expect(voters - longVotesNeeded(voters) + 1).toBeLessThan(Math.floor(voters / 2) + 1);
    }
  });
});
