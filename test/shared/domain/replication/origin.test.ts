import { expect, it } from "vitest";
import type { NodeId, OriginId } from "../../../../shared/domain/ids.ts";
import { isRewound, nextIncarnation, nodeOf, originOf, renumbered } from "../../../../shared/domain/replication/origin.ts";

const node = "node_a" as NodeId;
const other = "node_b:900" as OriginId;
const change = (origin: OriginId, seq: number) => ({ origin, seq, hlc: 7 });

it("a new incarnation is later than all that the file knows of this node, whatever the clock says, and no other node's count", () => {
  expect(nextIncarnation(node, {}, 500.9)).toBe("node_a:500");
  expect(nextIncarnation(node, { [originOf(node, 700)]: 3, [originOf(node, 20)]: 9, [other]: 1 }, 500)).toBe("node_a:701");
  expect(nodeOf(nextIncarnation(node, { [other]: 1 }, 500))).toBe(node);
});

it("a file has gone back where a peer knows more of its own writes than it does, and not where it has never been opened", () => {
  const origin = originOf(node, 1);
  const view = { following: true, origin, vector: { [origin]: 5 } };
  expect([4, 5, 6].map((seq) => isRewound(view, { [origin]: seq }))).toEqual([false, false, true]);
  expect(isRewound({ ...view, following: false }, { [origin]: 6 })).toBe(false);
  expect(isRewound({ ...view, origin: null }, { [origin]: 6 })).toBe(false);
});

it("what was written after the file was sealed counts anew from 1, and nothing else does", () => {
  const [old, next] = [originOf(node, 1), originOf(node, 2)];
  expect(renumbered(change(old, 6), old, 5, next)).toEqual(change(next, 1));
  expect(renumbered(change(old, 9), old, 5, next)).toEqual(change(next, 4));
  expect(renumbered(change(old, 5), old, 5, next)).toBeUndefined();
  expect(renumbered(change(other, 9), old, 5, next)).toBeUndefined();
});
