import { describe, expect, it } from "vitest";
import type { LeaseRelease } from "../../../../shared/domain/failover/messages.ts";
import { testamentOf } from "../../../../shared/domain/failover/testament.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import { decodePeerMessage, encodePeerMessage } from "../../../../shared/protocol/codec.ts";
import { b, c, group, sentIn, TestNode } from "./test-node.ts";

/** What the guardian of b would say: the words that a holder leaves, under b's name. */
function wordsOfB(): LeaseRelease {
  const holder = new TestNode();
  holder.becomeOperational();
  return { ...testamentOf(holder.state, group), from: b };
}

describe("the words that a holder leaves with its guardian", () => {
  it("free a voter's promise at once, and leave the dead node dead", () => {
    const voter = new TestNode();
    voter.hears(voter.beatOf(b));
    voter.hears(voter.requestOf(b));
    voter.take({ type: "connection-closed", peer: b, path: mainPath });
    voter.pass(50);
    voter.hears(wordsOfB());
    expect(voter.state.grants[group]).toMatchObject({ to: null, epoch: 1 });
    expect(voter.state.peers[b]?.silent).toBe(true);
    expect(sentIn(voter.hears(voter.requestOf(c, { epoch: 2 })))).toMatchObject([{ type: "lease-grant", to: c, epoch: 2 }]);
  });

  it("are the last: a renewal that was on its way when the agent died binds nobody any more", () => {
    const voter = new TestNode();
    voter.hears(voter.requestOf(b));
    voter.hears(wordsOfB());
    expect(sentIn(voter.hears(voter.requestOf(b, { requestId: 2 })))).toMatchObject([{ type: "lease-refusal", reason: "older-epoch" }]);
  });

  it("do nothing to a promise that was made to the node's next run, or under a higher number", () => {
    const voter = new TestNode();
    voter.hears(voter.requestOf(b, { epoch: 2 }));
    voter.hears(wordsOfB());
    expect(voter.state.grants[group]).toMatchObject({ to: b, epoch: 2 });
    const next = new TestNode();
    next.hears(next.requestOf(b, { incarnation: 2 }));
    next.hears(wordsOfB());
    expect(next.state.grants[group]).toMatchObject({ to: b, toIncarnation: 2 });
  });

  it("pass the codec as they are", () => {
    const words = wordsOfB();
    expect(decodePeerMessage(encodePeerMessage(words))).toEqual({ ok: true, message: words });
  });
});
