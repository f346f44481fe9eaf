import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import type { VersionVector } from "../../../../shared/domain/replication/replication-status.ts";
import { commonPart, covers, joined, missingFrom, seqIn } from "../../../../shared/domain/replication/version-vector.ts";

const [a, b] = ["node_a:1", "node_b:1"] as unknown as [OriginId, OriginId];
const vectors = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(9)) as fc.Arbitrary<VersionVector>;

test("vectors: joining is commutative, associative, idempotent, and covers both", () => {
  fc.assert(
    fc.property(vectors, vectors, vectors, (one, two, three) => {
      expect(joined(one, two)).toEqual(joined(two, one));
      expect(joined(joined(one, two), three)).toEqual(joined(one, joined(two, three)));
      expect(joined(one, one)).toEqual(one);
      expect(covers(joined(one, two), one) && covers(joined(one, two), two)).toBe(true);
    }),
  );
});

test("vectors: nothing is missing exactly where one covers the other", () => {
  fc.assert(fc.property(vectors, vectors, (one, other) => (missingFrom(one, other) === 0) === covers(one, other)));
});

test("vectors: what is missing is counted over all origins, known or not", () => {
  expect(missingFrom({ [a]: 3 }, { [a]: 5, [b]: 4 })).toBe(6);
  expect(missingFrom({ [a]: 9 }, { [a]: 5 })).toBe(0);
});

test("vectors: the common part is what every one of them covers", () => {
  fc.assert(
    fc.property(fc.array(vectors, { minLength: 1 }), (all) => {
      const common = commonPart(all);
      expect(all.every((vector) => covers(vector, common))).toBe(true);
    }),
  );
  expect(commonPart([{ [a]: 3, [b]: 1 }, { [a]: 2 }])).toEqual({ [a]: 2, [b]: 0 });
  expect(commonPart([])).toEqual({});
  expect(seqIn({}, a)).toBe(0);
});
