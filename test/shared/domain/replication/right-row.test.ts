import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import { type RowVote, rightRow } from "../../../../shared/domain/replication/right-row.ts";

const [a, b, c] = ["node_a", "node_b", "node_c"] as NodeId[] as [NodeId, NodeId, NodeId];
const order = [a, b, c];
const version = (hlc: number) => ({ hlc, origin: `${a}:1` as OriginId });
const vote = (node: NodeId, digest: string | null, write: RowVote["write"] = null): RowVote => ({ node, digest, write });

test("no log has the write any more: what most replicas show is right", () => {
  expect(rightRow([vote(a, "odd"), vote(b, "x"), vote(c, "x")], order)).toEqual({ digest: "x", by: "majority" });
});

test("two of three replicas have no such row: it is right that there is none", () => {
  expect(rightRow([vote(a, null), vote(b, "x"), vote(c, null)], order)).toEqual({ digest: null, by: "majority" });
});

test("two replicas show one row each: the first in ring order is right", () => {
  expect(rightRow([vote(b, "y"), vote(a, "x")], order)).toEqual({ digest: "x", by: "order" });
});

test("one log has the write that made its row: it is right, however many show another", () => {
  const votes = [vote(a, "odd"), vote(b, "odd"), vote(c, "x", { version: version(5), agrees: true })];
  expect(rightRow(votes, order)).toEqual({ digest: "x", by: "log" });
});

test("a row contradicts its own log: it is wrong, though it is the first in ring order", () => {
  expect(rightRow([vote(a, "odd", { version: version(5), agrees: false }), vote(b, "x")], order)).toEqual({ digest: "x", by: "majority" });
});

test("a replica has let a write pass by: its older write proves nothing", () => {
  const votes = [vote(a, "old", { version: version(4), agrees: true }), vote(b, "x", { version: version(5), agrees: true })];
  expect(rightRow(votes, order)).toEqual({ digest: "x", by: "log" });
});

test("every row contradicts its log: they count as they are", () => {
  const write = { version: version(5), agrees: false };
  expect(rightRow([vote(a, "x", write), vote(b, "y", write)], order)).toEqual({ digest: "x", by: "order" });
});

test("nobody has said anything: nothing is right", () => {
  expect(rightRow([], order)).toBeUndefined();
});

test("everybody who has heard the same votes comes to the same, whatever the order in which they came; and it is a row that somebody shows", () => {
  const write = fc.option(fc.record({ version: fc.nat(3).map(version), agrees: fc.boolean() }), { nil: null });
  const votes = fc
    .tuple(...order.map((node) => fc.record({ node: fc.constant(node), digest: fc.constantFrom("x", "y", "z", null), write })))
    // One version is one write: two rows that both are what it made are the same row.
    .map((all) => all.map((one) => (one.write?.agrees === true ? { ...one, digest: `written at ${one.write.version.hlc}` } : one)));
  fc.assert(
    fc.property(votes, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (all, shuffle) => {
      const right = rightRow(all, order);
      const shuffled = all.toSorted((one, other) => (shuffle[all.indexOf(one)] ?? 0) - (shuffle[all.indexOf(other)] ?? 0));
      expect(rightRow(shuffled, order)).toEqual(right);
      expect(all.map(({ digest }) => digest)).toContain(right?.digest);
    }),
  );
});
