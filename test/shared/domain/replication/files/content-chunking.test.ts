import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { limits } from "../../../../../shared/config/limits.ts";
import { type ChunkSizes, chunkEnd, chunkSizesFor, fileBytesMax } from "../../../../../shared/domain/replication/files/content-chunking.ts";

const mebi = 1_024 ** 2;

/** The same bytes for the same seed. */
function bytesOf(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let index = 0; index < length; index += 1) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

function chunksOf(bytes: Uint8Array, sizes: ChunkSizes): string[] {
  const chunks: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = chunkEnd(bytes, from, bytes.length, sizes);
    chunks.push(createHash("sha256").update(bytes.subarray(from, end)).digest("hex"));
    from = end;
  }
  return chunks;
}

const small: ChunkSizes = { least: 1_024, usual: 4_096, most: 16_384 };

it("chunks are never longer than the most, nor shorter than the least but at the end, whatever the content", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 100_000 }), fc.boolean(), (seed, length, isUniform) => {
      const bytes = isUniform ? new Uint8Array(length).fill(seed) : bytesOf(seed, length);
      for (let from = 0; from < length; ) {
        const end = chunkEnd(bytes, from, length, small);
        expect(end).toBeGreaterThan(from);
        expect(end - from).toBeLessThanOrEqual(small.most);
        if (end < length) expect(end - from).toBeGreaterThanOrEqual(small.least);
        from = end;
      }
    }),
    { numRuns: 50 },
  );
});

it("chunks are about as long as usual", () => {
  const count = chunksOf(bytesOf(7, 4 * mebi), small).length;
  expect((4 * mebi) / count).toBeGreaterThan(small.usual * 0.7);
  expect((4 * mebi) / count).toBeLessThan(small.usual * 1.6);
});

it("bytes put in, taken out or changed leave all but a few chunks as they were", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 2 * mebi }), fc.integer({ min: 0, max: 5_000 }), (seed, at, count) => {
      const before = bytesOf(seed, 2 * mebi);
      const rest = before.subarray(Math.min(before.length, at + (seed % 2 === 0 ? count : 0)));
      const after = Buffer.concat([before.subarray(0, at), bytesOf(seed + 1, count), rest]);
      const known = new Set(chunksOf(before, small));
      const news = chunksOf(after, small).filter((chunk) => !known.has(chunk));
      expect(news.length).toBeLessThan(12);
    }),
    { numRuns: 20 },
  );
});

it("where it cuts never changes from version to version: else every file would be sent anew", () => {
  const bytes = bytesOf(1, 200_000);
  const cuts: number[] = [];
  for (let from = 0; from < bytes.length; ) {
    from = chunkEnd(bytes, from, bytes.length, small);
    cuts.push(from);
  }
  expect(createHash("sha256").update(JSON.stringify(cuts)).digest("hex").slice(0, 16)).toBe("383d2f78bb117a94");
});

it("chunks grow with the file, and every one fits into a frame, and every list of them", () => {
  expect(chunkSizesFor(1)).toEqual({ least: 65_536, usual: 262_144, most: mebi });
  const largest = chunkSizesFor(fileBytesMax);
  expect(largest.most).toBeLessThanOrEqual(limits.fileChunkBytesMax);
  expect(limits.fileChunkBytesMax).toBeLessThan(limits.replicationFrameBytesMax);
  for (const bytes of [16 * 1_024 ** 3, 32 * 1_024 ** 3, fileBytesMax]) {
    // A hash and a length each, for chunks of about two thirds of the usual size.
    expect((bytes / (chunkSizesFor(bytes).usual * 0.66)) * 36).toBeLessThan(limits.replicationFrameBytesMax * 0.9);
  }
});
