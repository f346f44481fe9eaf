import { expect, test } from "vitest";
import { type ChunkView, firstChunk, nextChunk } from "../../../../shared/domain/replication/chunk-choice.ts";
import { ChunkSet } from "../../../../shared/domain/replication/chunk-set.ts";

function setOf(size: number, ...chunks: readonly number[]): ChunkSet {
  const set = new ChunkSet(size);
  for (const chunk of chunks) set.add(chunk);
  return set;
}

function view(changes: Partial<ChunkView>): ChunkView {
  return { done: new ChunkSet(6), isAsked: () => false, isLate: () => false, source: ChunkSet.whole(6), joiners: [], from: 0, ...changes };
}

test("chunk choice: from the place where this joiner begins, round to the start, past what is here", () => {
  expect(nextChunk(view({ from: 4 }))).toBe(4);
  expect(nextChunk(view({ from: 4, done: setOf(6, 4, 5) }))).toBe(0);
  expect(nextChunk(view({ done: ChunkSet.whole(6) }))).toBeUndefined();
});

test("chunk choice: the donor is asked for what no other joiner has, and for the rest only when nothing else is left", () => {
  expect(nextChunk(view({ joiners: [setOf(6, 0, 1)] }))).toBe(2);
  expect(nextChunk(view({ done: setOf(6, 2, 3, 4, 5), joiners: [setOf(6, 0, 1)] }))).toBe(0);
});

test("chunk choice: another joiner is asked only for what it has", () => {
  expect(nextChunk(view({ source: setOf(6, 3), joiners: [setOf(6, 3)] }))).toBe(3);
  expect(nextChunk(view({ source: setOf(6, 3), done: setOf(6, 3) }))).toBeUndefined();
});

test("chunk choice: nothing is asked for twice, but for what does not come", () => {
  const asked = { isAsked: (chunk: number) => chunk < 2, done: setOf(6, 2, 3, 4, 5) };
  expect(nextChunk(view(asked))).toBeUndefined();
  expect(nextChunk(view({ ...asked, isLate: (chunk) => chunk === 1 }))).toBe(1);
  expect(nextChunk(view({ ...asked, done: setOf(6, 2, 3, 4), isLate: () => true }))).toBe(5);
});

test("chunk choice: joiners begin as far from each other as can be, and always at a chunk that there is", () => {
  expect([0, 1, 2].map((place) => firstChunk(9, place, 3))).toEqual([0, 3, 6]);
  expect(firstChunk(1, 7, 8)).toBe(0);
});

test("chunk set: goes over the wire as a bit each; bytes of another length are no set", () => {
  const set = setOf(11, 0, 7, 8, 10);
  expect([...set.bytes()]).toEqual([0x81, 0x05]);
  const came = ChunkSet.from(11, set.bytes());
  expect([came?.count, came?.has(8), came?.has(9), came?.isWhole]).toEqual([4, true, false, false]);
  expect(ChunkSet.from(17, set.bytes())).toBeUndefined();
});

test("chunk set: what is out of its range, or there already, changes nothing", () => {
  const set = setOf(3, 1, 1, 3, -1);
  expect([set.count, set.has(3), set.has(-1)]).toEqual([1, false, false]);
});
