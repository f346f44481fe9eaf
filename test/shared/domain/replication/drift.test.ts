import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import { canJudge, driftedRows } from "../../../../shared/domain/replication/drift.ts";
import { compareVersions } from "../../../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { seqIn } from "../../../../shared/domain/replication/version-vector.ts";

const [a, b] = ["node_a:1", "node_b:1"] as OriginId[] as [OriginId, OriginId];
const settled = { isSettled: true, pruned: {} };

test("a replica that lacks something of what the other had merged does not judge", () => {
  expect(canJudge({ [a]: 2 }, { ...settled, vector: { [a]: 1, [b]: 9 } })).toBe(false);
  expect(canJudge({ [a]: 2 }, { ...settled, vector: { [a]: 2, [b]: 9 } })).toBe(true);
});

test("what it has merged beyond that may have left its log: it does not judge", () => {
  expect(canJudge({ [a]: 2 }, { vector: { [a]: 4 }, isSettled: true, pruned: { [a]: 3 } })).toBe(false);
});

test("a row that is still to be put back: it does not judge", () => {
  expect(canJudge({}, { vector: {}, isSettled: false, pruned: {} })).toBe(false);
});

test("a row that differs, one that only one has, and one that was written since", () => {
  const shown = new Map([
    ["k1", "x"],
    ["k2", "x"],
    ["k3", "x"],
    ["k5", "x"],
  ]);
  const own = new Map([
    ["k1", "x"],
    ["k2", "y"],
    ["k3", "y"],
    ["k4", "x"],
  ]);
  const since = { written: new Set(["k3"]), isContested: false };
  expect(driftedRows(shown, own, since)?.toSorted()).toEqual(["k2", "k4", "k5"]);
  expect(driftedRows(shown, own, { ...since, isContested: true })).toBeUndefined();
  expect(driftedRows(shown, own, { written: new Set(), isContested: true })?.toSorted()).toEqual(["k2", "k3", "k4", "k5"]);
});

interface Write {
  readonly origin: OriginId;
  readonly seq: number;
  readonly hlc: number;
  readonly key: string;
  /** Few values, so that rows go back and forth between them. */
  readonly value: string;
}

/** What a replica shows that has merged up to `vector`. */
function rowsAt(writes: readonly Write[], vector: VersionVector): Map<string, string> {
  const merged = writes.filter(({ origin, seq }) => seq <= seqIn(vector, origin)).toSorted(compareVersions);
  return new Map(merged.flatMap(({ key, value }) => (value === "" ? [] : [[key, value] as const])));
}

const script = fc.array(
  fc.record({ origin: fc.constantFrom(a, b), key: fc.constantFrom("k1", "k2"), value: fc.constantFrom("on", "off") }),
  { maxLength: 20 },
);

test("two replicas that have merged whatever they have of the same writes are never found to differ", () => {
  fc.assert(
    fc.property(script, fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20), (steps, a1, b1, moreA, moreB) => {
      const counts: Record<OriginId, number> = {};
      const writes = steps.map((step, hlc): Write => {
        counts[step.origin] = (counts[step.origin] ?? 0) + 1;
        return { ...step, hlc, seq: counts[step.origin] ?? 0 };
      });
      const upTo = (origin: OriginId, seq: number) => Math.min(seq, seqIn(counts, origin));
      const asked = { [a]: upTo(a, a1), [b]: upTo(b, b1) };
      const vector = { [a]: upTo(a, a1 + moreA), [b]: upTo(b, b1 + moreB) };
      expect(canJudge(asked, { ...settled, vector })).toBe(true);
      const beyond = writes.filter(({ origin, seq }) => seq > seqIn(asked, origin) && seq <= seqIn(vector, origin));
      const written = new Set(beyond.map(({ key }) => key));
      expect(driftedRows(rowsAt(writes, asked), rowsAt(writes, vector), { written, isContested: false })).toEqual([]);
      // And one that was changed beneath capture is found, unless something was written over it since.
      const rotten = new Map(rowsAt(writes, asked)).set("k1", "rotten");
      const found = driftedRows(rotten, rowsAt(writes, vector), { written, isContested: false });
      expect(found).toEqual(written.has("k1") ? [] : ["k1"]);
    }),
  );
});
