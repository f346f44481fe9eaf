import { createHash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { chunkEnd, chunkSizesFor, fileBytesMax } from "../../shared/domain/replication/files/content-chunking.ts";
import type { Chunk } from "../../shared/domain/replication/files/file-entry.ts";

export interface Content {
  readonly sha256: string;
  readonly size: number;
  readonly chunks: readonly Chunk[];
}

/** The file was written while it was read: what was read is of no moment. */
export class ChangedWhileRead extends Error {}

const nothing = new Uint8Array(0);
export const readOnlyNoFollow = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads a file once, in pieces, and tells its chunks. After each piece `turn` may let other work go on, and may reject. Throws ChangedWhileRead. */
export async function readContent(path: string | Buffer, turn: () => Promise<void> = nextTurn): Promise<Content> {
  const file = openSync(path, readOnlyNoFollow);
  try {
    const before = fstatSync(file, { bigint: true });
    if (!before.isFile()) throw new ChangedWhileRead("it is no file any more");
    const size = Number(before.size);
    if (size > fileBytesMax) throw new Error(`the file is larger than ${fileBytesMax} bytes`);
    const content = await chunksOf(file, size, turn);
    const after = fstatSync(file, { bigint: true });
    if (content.size !== size || after.size !== before.size || after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs) {
      throw new ChangedWhileRead("it was written while it was read");
    }
    return content;
  } finally {
    closeSync(file);
  }
}

async function chunksOf(file: number, size: number, turn: () => Promise<void>): Promise<Content> {
  const sizes = chunkSizesFor(size);
  // A chunk's cut is found with all that it may hold at hand; twice that, so that not every chunk has to be moved.
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(size, sizes.most * 2)));
  let whole: ReturnType<typeof createHash> | undefined;
  const chunks: Chunk[] = [];
  let [start, from, to, isAtEnd] = [0, 0, 0, false];
  for (;;) {
    while (!isAtEnd && to - from < sizes.most && to < buffer.length) {
      const bytes = readSync(file, buffer, to, buffer.length - to, null);
      isAtEnd = bytes === 0;
      to += bytes;
      await turn();
    }
    if (to === from) break;
    if (!isAtEnd && to - from < sizes.most && from > 0) {
      buffer.copyWithin(0, from, to);
      to -= from;
      from = 0;
      continue;
    }
    // The buffer is the whole file where that is smaller.
    const end = chunkEnd(buffer, from, to, sizes);
    const piece = buffer.subarray(from, end);
    const sha256 = sha256Of(piece);
    chunks.push({ start, bytes: piece.length, sha256 });
    // Most files are one chunk, whose hash is theirs.
    if (piece.length === size) return { sha256, size, chunks };
    whole ??= createHash("sha256");
    whole.update(piece);
    start += piece.length;
    from = end;
  }
  return { sha256: whole?.digest("hex") ?? sha256Of(nothing), size: start, chunks };
}

export function sha256Of(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
