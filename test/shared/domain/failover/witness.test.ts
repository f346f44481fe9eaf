import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { LeaseRequest, PeerMessage } from "../../../../shared/domain/failover/messages.ts";
import { witnessId } from "../../../simulation/cluster.ts";
import { a, b, documentOf, group, TestNode } from "./test-node.ts";

const withWitness = (): TestNode => new TestNode([a, b], { grants: [] }, documentOf([a, b], 1, { voting: true }));

function toWitness(effects: readonly Effect[]): readonly PeerMessage[] {
  return effects.flatMap((effect) =>
    effect.type === "send" && effect.to === witnessId && effect.message.type !== "heartbeat" ? [effect.message] : [],
  );
}

/** The last request that went to the witness. */
function lastAsked(effects: readonly Effect[]): LeaseRequest {
  const asked = toWitness(effects).findLast((message) => message.type === "lease-request");
  if (asked === undefined) throw new Error("the witness was not asked");
  return asked;
}

/** Operational with both nodes' votes, and then the other node is not heard any more for so long. */
function holdsAlone(ms: number): { readonly node: TestNode; readonly effects: readonly Effect[] } {
  const node = withWitness();
  node.becomeOperational();
  return { node, effects: node.pass(ms) };
}

describe("the witness", () => {
  it("is not asked by a candidate that reaches enough nodes, nor by a holder that hears from them", () => {
    const node = withWitness();
    const asked = [...node.hears(node.beatOf(b)), ...node.pass(20)];
    const request = asked.flatMap((effect) =>
      effect.type === "send" && effect.message.type === "lease-request" ? [effect.message] : [],
    )[0];
    if (request === undefined) throw new Error("the other node was not asked");
    const won = node.hears(node.grantOf(b, request));
    expect(won.some((effect) => effect.type === "start-resources")).toBe(true);
    expect(toWitness([...asked, ...won])).toEqual([]);
  });

  it("is asked by the holder once the nodes leave two rounds unanswered, and its promise keeps the lease", () => {
    const { node, effects } = holdsAlone(200);
    expect(lastAsked(effects)).toMatchObject({ group, leaseUs: 600_000 });
    node.hears(node.grantOf(witnessId, lastAsked(effects)));
    const later = node.pass(300);
    expect(node.groupState).toBe("operational");
    expect(toWitness(later).length).toBeGreaterThan(1);
  });

  it("does not answer either: the holder has stopped before its lease ends", () => {
    const { node } = holdsAlone(400);
    expect(node.groupState).toBe("stepping-down");
  });

  it("gets its promise back when the nodes answer again; an answer of before is not believed any more", () => {
    const { node, effects } = holdsAlone(200);
    const early = lastAsked(effects);
    node.hears(node.grantOf(witnessId, early));
    const beats = node.pass(100);
    const stillUnderWay = lastAsked(beats);
    const toOther = beats.flatMap((effect) =>
      effect.type === "send" && effect.to === b && effect.message.type === "lease-request" ? [effect.message] : [],
    );
    for (const request of toOther) node.hears(node.grantOf(b, request));
    const freed = node.pass(100);
    expect(toWitness(freed)).toMatchObject([{ type: "lease-release", epoch: early.epoch, reason: "" }]);
    node.hears(node.grantOf(witnessId, stillUnderWay));
    expect(node.state.groups[group]?.promises[witnessId]).toBeUndefined();
  });

  it("is asked under a higher number after it got a promise back, since under the old one it grants nothing any more", () => {
    const { node, effects } = holdsAlone(200);
    const early = lastAsked(effects);
    node.hears(node.grantOf(witnessId, early));
    const beats = node.pass(100);
    for (const effect of beats) {
      if (effect.type === "send" && effect.to === b && effect.message.type === "lease-request") node.hears(node.grantOf(b, effect.message));
    }
    const again = lastAsked(node.pass(400));
    expect(again.epoch).toBeGreaterThan(early.epoch);
    expect(node.state.groups[group]?.epoch).toBe(early.epoch);
  });
});
