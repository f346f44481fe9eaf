/** Where in a log transactions are known to have ended: all entries up to such a point were there at once, and none of a transaction that went on. */
export interface CommitPoints {
  /** The last one after `after` and up to `upTo`. */
  readonly lastIn: (after: number, upTo: number) => number | undefined;
  /** The first one after `after`. */
  readonly firstAfter: (after: number) => number | undefined;
}

/**
 * Up to which log entry a unit goes that begins after `after`, and may go to `upTo`, which is a commit point itself. Whoever gets it applies it in one transaction, and its
 * application's writers wait for that: so no more than `entriesMax` entries, but where one transaction, or what was written while nobody looked, was more.
 */
export function unitEnd(
  points: CommitPoints,
  { after, upTo }: { readonly after: number; readonly upTo: number },
  entriesMax: number,
): number {
  const full = after + entriesMax;
  if (upTo <= full) return upTo;
  return Math.min(upTo, points.lastIn(after, full) ?? points.firstAfter(full) ?? upTo);
}

/** Whether a commit point at `n` is worth keeping, the one before it being at `last`: two to a unit. */
export function isWorthKeeping(n: number, last: number, entriesMax: number): boolean {
  return n - last >= entriesMax / 2;
}
