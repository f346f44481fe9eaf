import type { ChunkSet } from "./chunk-set.ts";

/** What a joiner knows when it may ask one of its sources for one chunk more. */
export interface ChunkView {
  /** Here and checked. */
  readonly done: ChunkSet;
  /** Asked for, and not here yet. */
  readonly isAsked: (index: number) => boolean;
  /** Asked for so long ago that somebody else may be quicker. */
  readonly isLate: (index: number) => boolean;
  /** What the source has. */
  readonly source: ChunkSet;
  /** What the other sources have that hold a part only: other joiners. */
  readonly joiners: readonly ChunkSet[];
  /** Where to begin to look. Joiners that begin at different places have different chunks to give each other. */
  readonly from: number;
}

/**
 * The chunk to ask a source for next; undefined where it has none that is wanted. Of a donor first what no other joiner could give, so that the
 * donor sends each chunk once, and the joiners pass it on; what was asked for long ago, at last, is asked for twice.
 */
export function nextChunk({ done, isAsked, isLate, source, joiners, from }: ChunkView): number | undefined {
  let passable: number | undefined;
  let late: number | undefined;
  for (let step = 0; step < done.size; step += 1) {
    const index = (from + step) % done.size;
    if (done.has(index) || !source.has(index)) continue;
    if (isAsked(index)) {
      if (late === undefined && isLate(index)) late = index;
      continue;
    }
    if (!source.isWhole || !joiners.some((joiner) => joiner.has(index))) return index;
    passable ??= index;
  }
  return passable ?? late;
}

/** Where the joiner at this place of the ring begins: as far from the others as can be. */
export function firstChunk(chunks: number, place: number, places: number): number {
  return Math.floor((chunks * place) / Math.max(1, places)) % Math.max(1, chunks);
}
