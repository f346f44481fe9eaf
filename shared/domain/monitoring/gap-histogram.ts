/** How long the pauses between things that should come regularly were: counted in classes, each a fifth wider than the one before. */
export interface GapHistogram {
  /** By class; classes that nothing has fallen into yet may be missing at the end. */
  readonly counts: readonly number[];
  /** Milliseconds. */
  readonly longestMs: number;
}

const firstEdgeMs = 10;
const growth = 1.2;
/** The last class has no upper edge: it begins at about a minute. */
export const gapClasses = 50;

export const noGaps: GapHistogram = { counts: [], longestMs: 0 };

/** The longest gap that the class holds. */
function edgeMs(index: number): number {
  return index >= gapClasses - 1 ? Number.POSITIVE_INFINITY : firstEdgeMs * growth ** index;
}

function classOf(gapMs: number): number {
  const index = Math.ceil(Math.log(gapMs / firstEdgeMs) / Math.log(growth));
  return Math.min(Math.max(index, 0), gapClasses - 1);
}

export function withGap(histogram: GapHistogram, gapMs: number): GapHistogram {
  const index = classOf(gapMs);
  const counts = Array.from({ length: Math.max(histogram.counts.length, index + 1) }, (_, at) => histogram.counts[at] ?? 0);
  counts[index] = (counts[index] ?? 0) + 1;
  return { counts, longestMs: Math.max(histogram.longestMs, gapMs) };
}

export function mergedGaps(one: GapHistogram, other: GapHistogram): GapHistogram {
  const length = Math.max(one.counts.length, other.counts.length);
  return {
    counts: Array.from({ length }, (_, index) => (one.counts[index] ?? 0) + (other.counts[index] ?? 0)),
    longestMs: Math.max(one.longestMs, other.longestMs),
  };
}

export function gapCount({ counts }: GapHistogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** At most so many gaps were longer: those of a class that reaches beyond `ms` all count, unless nothing ever was. */
export function gapsBeyond({ counts, longestMs }: GapHistogram, ms: number): number {
  if (longestMs <= ms) return 0;
  return counts.reduce((sum, count, index) => (edgeMs(index) > ms ? sum + count : sum), 0);
}

/** The share of all gaps that were at most this long, as the upper edge of its class; null where there were none. */
export function gapQuantileMs(histogram: GapHistogram, share: number): number | null {
  const wanted = Math.ceil(gapCount(histogram) * share);
  if (wanted === 0) return null;
  let sum = 0;
  const index = histogram.counts.findIndex((count) => (sum += count) >= wanted);
  return Math.min(edgeMs(index), histogram.longestMs);
}
