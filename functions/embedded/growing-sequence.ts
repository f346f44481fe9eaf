/** Numbers that grow with every call, and over restarts as far as the wall clock does: microseconds of the clock, or one more than the last. */
export function growingSequence(nowMs: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, nowMs() * 1_000);
    return last;
  };
}
