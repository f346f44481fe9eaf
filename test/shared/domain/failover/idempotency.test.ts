import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PeerMessage } from "../../../../shared/domain/failover/messages.ts";
import { a, b, c, group, TestNode } from "./test-node.ts";

/** What a voter has promised, and to whom: what repeats and disorder must not change for the worse. */
function promiseOf(node: TestNode): unknown {
  return node.state.grants[group];
}

type Spoken = { readonly from: "b" | "c"; readonly kind: "request" | "release"; readonly epoch: number; readonly requestId: number };

const spoken: fc.Arbitrary<Spoken> = fc.record({
  from: fc.constantFrom("b" as const, "c" as const),
  kind: fc.constantFrom("request" as const, "release" as const),
  epoch: fc.integer({ min: 1, max: 6 }),
  requestId: fc.integer({ min: 1, max: 6 }),
});

function messageOf(node: TestNode, { from, kind, epoch, requestId }: Spoken): PeerMessage {
  const sender = from === "b" ? b : c;
  const request = node.requestOf(sender, { epoch, requestId });
  if (kind === "request") return request;
  const { sequence, documentVersion } = request;
  const given = { group, epoch, successor: null, planned: false, reason: "" };
  return { type: "lease-release", from: sender, incarnation: 1, sequence, documentVersion, ...given };
}

describe("rule 7: requests, grants and releases", () => {
  it("said again at once, change nothing", () => {
    fc.assert(
      fc.property(fc.array(spoken, { maxLength: 12 }), (messages) => {
        const node = new TestNode();
        for (const message of messages.map((said) => messageOf(node, said))) {
          node.hears(message);
          const before = promiseOf(node);
          node.hears(message);
          expect(promiseOf(node)).toEqual(before);
        }
      }),
    );
  });

  it("said again later, and out of order, never lengthen a promise, nor give one twice under the same number", () => {
    fc.assert(
      fc.property(fc.array(spoken, { maxLength: 8 }), fc.array(fc.nat(7), { maxLength: 20 }), (messages, repeats) => {
        const node = new TestNode();
        const sent = messages.map((said) => messageOf(node, said));
        const owners = new Map<number, string>();
        let epoch = 0;
        for (const message of [...sent, ...repeats.flatMap((index) => sent[index] ?? [])]) {
          node.pass(20);
          const before = node.state.grants[group];
          node.hears(message);
          const after = node.state.grants[group];
          if (after === undefined || after.to === null) continue;
          expect(owners.get(after.epoch) ?? after.to).toBe(after.to);
          owners.set(after.epoch, after.to);
          expect(after.epoch).toBeGreaterThanOrEqual(epoch);
          epoch = after.epoch;
          const isSameRequest = before?.to === after.to && before.requestId === after.requestId;
          if (isSameRequest && before !== undefined) expect(after.untilUs).toBe(before.untilUs);
        }
      }),
    );
  });

  it("a grant said again, or late, counts once, and from the request", () => {
    const node = new TestNode();
    node.becomeOperational();
    const endUs = node.state.groups[group]?.leaseEndUs;
    const round = node.state.groups[group]?.rounds[0];
    const grant = node.grantOf(b, node.requestOf(a, { epoch: 1, requestId: round?.requestId ?? 0 }));
    node.nowMs += 50;
    node.hears(grant);
    node.hears(grant);
    expect(node.state.groups[group]?.leaseEndUs).toBe(endUs);
  });
});
