import { expect, test } from "vitest";
import { ChunkQuestions } from "../../../agent/files/chunk-questions.ts";
import type { WantedChunk } from "../../../agent/files/pieces.ts";

function wantOf(index: number, bytes: number): WantedChunk {
  return { path: `file-${index}`, start: 0, bytes, sha256: "" };
}

test("what is wanted at the same time is asked for together, within what a message may name and an answer carry", async () => {
  const asked: number[] = [];
  const questions = new ChunkQuestions(async (wants) => {
    asked.push(wants.length);
    return { here: wants.map(() => true), data: new Uint8Array(wants.reduce((sum, { bytes }) => sum + bytes, 0)) };
  });
  await Promise.all(Array.from({ length: 600 }, (_, index) => questions.fetch(wantOf(index, 10))));
  expect(asked).toEqual([256, 256, 88]);
  asked.length = 0;
  await Promise.all(Array.from({ length: 5 }, (_, index) => questions.fetch(wantOf(index, 500_000))));
  expect(asked).toEqual([2, 2, 1]);
});

test("each gets its own bytes; what is nowhere is told with the reason, and fails nobody else", async () => {
  const questions = new ChunkQuestions(async () => ({ here: [true, false, true], data: Uint8Array.of(1, 2, 3), problem: "nobody has it" }));
  const results = await Promise.allSettled([1, 2, 2].map((bytes, index) => questions.fetch(wantOf(index, bytes))));
  expect(results).toMatchObject([{ value: Uint8Array.of(1) }, { reason: { message: "nobody has it" } }, { value: Uint8Array.of(2, 3) }]);
});
