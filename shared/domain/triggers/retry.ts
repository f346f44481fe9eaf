/** An action is tried so often; it has failed then, for good. */
export const triesMax = 5;

/** How long to wait after so many tries that have failed, in milliseconds: 1 s, 2 s, 4 s, 8 s. */
export function retryAfterMs(tries: number): number {
  return 1_000 * 2 ** (tries - 1);
}
