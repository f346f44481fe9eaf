import { expect, it } from "vitest";
import { documentVersionInForce } from "../../../../shared/domain/failover/document-in-force.ts";
import { nodeIdOf } from "../../../simulation/cluster.ts";
import { a, b, c, documentOf, TestNode } from "./test-node.ts";

const [d, e] = [nodeIdOf(3), nodeIdOf(4)];

function inForce(node: TestNode): number {
  return documentVersionInForce(node.state, node.nowMs * 1_000);
}

it("other voters are answered for once a majority of them is heard to act on them, and not on the word of one that does not", () => {
  const node = new TestNode([a, b, c, d, e]);
  for (const peer of [b, c, d, e]) node.hears(node.beatOf(peer));
  expect(inForce(node)).toBe(1);
  node.take({ type: "document", document: documentOf([a, b, c, d], 2) });
  expect(inForce(node)).toBe(1);
  node.hears(node.beatOf(b, { documentVersion: 1 }));
  node.hears(node.beatOf(e));
  node.hears(node.beatOf(c));
  expect(inForce(node)).toBe(1);
  // What it asks for tells nothing of other groups' epochs; a heartbeat does.
  node.hears(node.requestOf(b));
  expect(inForce(node)).toBe(1);
  node.hears(node.beatOf(b));
  expect(inForce(node)).toBe(2);
});

it("a document with the same voters is answered for at once, and so is one in which this node is the only voter", () => {
  const node = new TestNode([a, b, c]);
  for (const peer of [b, c]) node.hears(node.beatOf(peer));
  node.take({ type: "document", document: documentOf([a, b, c], 2) });
  expect(inForce(node)).toBe(2);
  const alone = new TestNode([a, b]);
  alone.take({ type: "document", document: documentOf([a], 2) });
  expect(inForce(alone)).toBe(2);
});
