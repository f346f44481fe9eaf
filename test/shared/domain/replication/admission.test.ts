import { expect, it } from "vitest";
import type { OriginId } from "../../../../shared/domain/ids.ts";
import { admissionOf, Progress } from "../../../../shared/domain/replication/admission.ts";

const [own, other] = ["node_a:1", "node_b:1"] as OriginId[] as [OriginId, OriginId];

const write = { origin: other, context: {} };

it("each origin's changes once and in their order: what is here is passed over, what does not join on waits for what is missing", () => {
  const has = { [other]: 4 };
  expect([3, 4, 5, 6, 9].map((seq) => admissionOf(has, { origin: other, seq, context: {} }))).toEqual([
    { kind: "known" },
    { kind: "known" },
    { kind: "next" },
    { kind: "missing", origin: other, from: 5, to: 5 },
    { kind: "missing", origin: other, from: 5, to: 8 },
  ]);
});

it("a change waits for all that it was made in knowledge of, though it is the next of its origin", () => {
  const third = "node_c:1" as OriginId;
  const has = { [own]: 7, [other]: 4, [third]: 2 };
  expect(admissionOf(has, { origin: other, seq: 5, context: { [third]: 3 } })).toEqual({ kind: "missing", origin: third, from: 3, to: 3 });
  expect(admissionOf(has, { origin: other, seq: 5, context: { [third]: 2, [own]: 7, [other]: 4 } })).toEqual({ kind: "next" });
  const progress = new Progress(has, 100, own);
  const context = { [third]: 3 };
  expect(progress.admit({ origin: other, seq: 5, context, hlc: 1 }).kind).toBe("missing");
  expect(progress.admit({ origin: third, seq: 3, context: {}, hlc: 2 }).kind).toBe("next");
  expect([5, 6].map((seq) => progress.admit({ origin: other, seq, context, hlc: 3 }).kind)).toEqual(["next", "next"]);
});

it("what is admitted moves the vector and the clock, and nothing else does", () => {
  const progress = new Progress({ [own]: 7, [other]: 4 }, 100, own);
  expect(progress.admit({ ...write, seq: 6, hlc: 900 }).kind).toBe("missing");
  expect(progress.admit({ ...write, seq: 4, hlc: 900 }).kind).toBe("known");
  expect([progress.vector, progress.hlc, progress.changes]).toEqual([{ [own]: 7, [other]: 4 }, 100, 0]);
  expect(progress.admit({ ...write, seq: 5, hlc: 300 }).kind).toBe("next");
  expect(progress.admit({ ...write, seq: 6, hlc: 200 }).kind).toBe("next");
  expect([progress.vector, progress.changes]).toEqual([{ [own]: 7, [other]: 6 }, 2]);
  expect(progress.hlc).toBeGreaterThanOrEqual(300);
});

it("a file that is told of its own writes that it does not have has gone back, and takes none of them under its present name", () => {
  const progress = new Progress({ [own]: 7 }, 100, own);
  expect(progress.admit({ ...write, origin: own, seq: 8, hlc: 200 })).toEqual({ kind: "missing", origin: own, from: 8, to: 8 });
  expect(progress.admit({ ...write, origin: own, seq: 7, hlc: 200 })).toEqual({ kind: "known" });
  expect(progress.vector).toEqual({ [own]: 7 });
});
