/**
 * Where a file's content is cut into chunks. The cuts follow the content (a gear hash, as FastCDC has it), so that bytes put into the middle of a
 * file move the cuts with them: all chunks but those around the change stay the same, and are not sent again.
 */
export interface ChunkSizes {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

const kibi = 1_024;
const gibi = kibi ** 3;
/** Up to so large a file chunks are as small as can be; from there on they double with it, so that no list of them becomes too long for a frame. */
const smallestChunksUpTo = 16 * gibi;
const smallestUsual = 256 * kibi;

/** No file above this is taken: its list of chunks would not fit into a frame. */
export const fileBytesMax = 64 * gibi;

export function chunkSizesFor(fileBytes: number): ChunkSizes {
  let usual = smallestUsual;
  for (let covered = smallestChunksUpTo; covered < fileBytes; covered *= 2) usual *= 2;
  return { least: usual / 4, usual, most: usual * 4 };
}

/**
 * The end of the chunk that begins at `from`. `to` is where the bytes at hand end: at least `most` after `from`, or the end of the file. Up to the usual
 * size a cut is less likely than after it, which keeps most chunks near that size.
 */
export function chunkEnd(bytes: Uint8Array, from: number, to: number, { least, usual, most }: ChunkSizes): number {
  const end = Math.min(to, from + most);
  if (end - from <= least) return end;
  const bits = 31 - Math.clz32(usual);
  const rare = topBits(bits + 2);
  const frequent = topBits(bits - 2);
  const middle = Math.min(end, from + usual);
  let hash = 0;
  let at = from + least;
  for (; at < middle; at += 1) {
    hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0;
    if ((hash & rare) === 0) return at + 1;
  }
  for (; at < end; at += 1) {
    hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0;
    if ((hash & frequent) === 0) return at + 1;
  }
  return end;
}

/** The upper bits: those that the most bytes have had a part in. */
function topBits(count: number): number {
  return (-1 << (32 - count)) | 0;
}

/** One number per byte, the same on every node and in every version: other numbers would cut elsewhere, and everything would be sent again. */
const gear: Int32Array = gearTable();

function gearTable(): Int32Array {
  const table = new Int32Array(256);
  let state = 0x9e3779b9 | 0;
  for (let index = 0; index < table.length; index += 1) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    table[index] = mixed ^ (mixed >>> 14);
  }
  return table;
}
