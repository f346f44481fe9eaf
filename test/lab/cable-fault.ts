/** What a bad cable does to every frame, in either direction. */
export interface CableFault {
  /** How long a frame is under way; frames that differ by `jitterMs` overtake each other. */
  readonly delayMs: number;
  /** So much sooner or later, evenly spread. At most `delayMs`. */
  readonly jitterMs: number;
  /** Of a hundred frames, so many arrive twice. */
  readonly repeatedPercent: number;
}

/** After how many milliseconds each copy of a frame arrives. `chance`: evenly spread from 0 to 1. */
export function arrivalsMs({ delayMs, jitterMs, repeatedPercent }: CableFault, chance: () => number): number[] {
  const copies = chance() * 100 < repeatedPercent ? 2 : 1;
  return Array.from({ length: copies }, () => delayMs + jitterMs * (2 * chance() - 1));
}
