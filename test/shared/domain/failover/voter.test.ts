import { describe, expect, it } from "vitest";
import { a, b, c, documentOf, group, sentIn, TestNode } from "./test-node.ts";

describe("a voter", () => {
  it("grants a group to one node, and refuses every other for as long (rule 1)", () => {
    const node = new TestNode();
    expect(sentIn(node.hears(node.requestOf(b)))).toMatchObject([{ type: "lease-grant", to: b, epoch: 1 }]);
    node.pass(590);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2 })))).toMatchObject([
      { type: "lease-refusal", reason: "held-by-another", holder: b, remainingUs: 10_000 },
    ]);
    node.pass(10);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 3, requestId: 2 })))).toMatchObject([{ type: "lease-grant", to: c, epoch: 3 }]);
  });

  it("grants at once to the next when the holder has given it back, under a higher number only", () => {
    const node = new TestNode();
    node.hears(node.requestOf(b, { epoch: 4 }));
    const { sequence } = node.requestOf(b);
    const given = { group, epoch: 4, successor: c, planned: true, reason: "asked for" };
    node.hears({ type: "lease-release", from: b, incarnation: 1, sequence, documentVersion: 1, ...given });
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 4 })))).toMatchObject([{ type: "lease-refusal", reason: "older-epoch", epoch: 4 }]);
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 5, requestId: 2 })))).toMatchObject([{ type: "lease-grant", to: c }]);
  });

  it("takes a request of the same node's next run for another's: it may not know what the earlier one still does (rule 6)", () => {
    const node = new TestNode();
    node.hears(node.requestOf(b));
    expect(sentIn(node.hears(node.requestOf(b, { incarnation: 2, epoch: 2 })))).toMatchObject([{ reason: "held-by-another" }]);
  });

  it("grants nothing for the longest lease after a start without proof (rule 4)", () => {
    const node = new TestNode([a, b, c], null);
    expect(sentIn(node.hears(node.requestOf(b)))).toMatchObject([{ reason: "just-started", remainingUs: 3_000_000 }]);
    node.pass(2_990);
    expect(sentIn(node.hears(node.requestOf(b, { requestId: 2 })))).toMatchObject([{ reason: "just-started" }]);
    node.pass(10);
    expect(sentIn(node.hears(node.requestOf(b, { epoch: 2, requestId: 3 })))).toMatchObject([{ type: "lease-grant" }]);
  });

  it("keeps the promises of its earlier run after a clean stop", () => {
    const grant = { group, to: b, toIncarnation: 1, epoch: 1, requestId: 1, untilUs: 400_000, long: null, longVoidUpTo: 0 };
    const node = new TestNode([a, b, c], { grants: [grant] });
    expect(sentIn(node.hears(node.requestOf(c, { epoch: 2 })))).toMatchObject([{ reason: "held-by-another", remainingUs: 400_000 }]);
  });

  it("refuses who acts on an older document with other voters, and sends it the newer one (rule 6)", () => {
    const node = new TestNode([a, b]);
    node.take({ type: "document", document: documentOf([a, b, c], 2) });
    const effects = node.hears(node.requestOf(b, { documentVersion: 1 }));
    expect(sentIn(effects)).toMatchObject([{ reason: "older-document" }]);
    expect(effects).toContainEqual({ type: "send-document", to: b });
  });

  it("grants to who acts on an older document with the same voters, and sends it the newer one: a change of something else costs no lease", () => {
    const node = new TestNode();
    node.take({ type: "document", document: documentOf([a, b, c], 2) });
    const effects = node.hears(node.requestOf(b, { documentVersion: 1 }));
    expect(sentIn(effects)).toMatchObject([{ type: "lease-grant" }]);
    expect(effects).toContainEqual({ type: "send-document", to: b });
  });

  it("a version was skipped: its voters are not known, so the older asker is refused", () => {
    const node = new TestNode();
    node.take({ type: "document", document: documentOf([a, b, c], 3) });
    expect(sentIn(node.hears(node.requestOf(b, { documentVersion: 1 })))).toMatchObject([{ reason: "older-document" }]);
  });

  it("grants to who acts on a newer document: its promise is to one node all the same", () => {
    const node = new TestNode();
    expect(sentIn(node.hears(node.requestOf(b, { documentVersion: 3 })))).toMatchObject([{ type: "lease-grant" }]);
    expect(sentIn(node.hears(node.requestOf(c, { documentVersion: 3, epoch: 9 })))).toMatchObject([{ reason: "held-by-another" }]);
  });

  it("does not know strangers", () => {
    const node = new TestNode([a, b]);
    expect(sentIn(node.hears(node.requestOf(c)))).toEqual([]);
  });

  it("promises no epoch that is not on disk yet (S4)", () => {
    const node = new TestNode();
    expect(sentIn(node.hears(node.requestOf(b, { epoch: 1_000 })))).toMatchObject([{ reason: "epoch-not-stored" }]);
    expect(sentIn(node.hears(node.requestOf(b, { epoch: 1_000, requestId: 2 })))).toMatchObject([{ type: "lease-grant", epoch: 1_000 }]);
  });
});
