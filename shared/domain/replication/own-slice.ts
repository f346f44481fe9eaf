/** Which own writes one transaction takes into account: log entries after `absorbed` and up to `upTo`; `owed` more are for the next ones. */
export interface OwnSlice {
  readonly upTo: number;
  readonly owed: number;
}

/**
 * A replica's own writes count in its merges once it has taken them in, which an application that has written a million rows must not be held up by: so many at
 * a time, in transactions of their own. As long as any are owed nothing of anybody else's is merged, and no displaced row put back: what stands now could lose to an older write.
 */
export function ownSlice({ absorbed, n }: { readonly absorbed: number; readonly n: number }, entriesMax: number): OwnSlice {
  const upTo = Math.min(n, absorbed + entriesMax);
  return { upTo, owed: n - upTo };
}
