/** One way to see whether something is well. */
export interface HealthCheck {
  /**
   * Looks once. Null where all is well, else what is wrong, in words and on one line. Settles soon after the signal is aborted, whatever
   * hangs, and never rejects.
   */
  look(signal: AbortSignal): Promise<string | null>;
}

const wordsLengthMax = 200;

/** What somebody else said, for a sentence of ours: one line, without control characters, and not too long. */
export function quoted(words: string): string {
  return words
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, wordsLengthMax);
}
