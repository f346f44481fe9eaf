import type { DurationUs, MonotonicUs } from "../time.ts";

/** What is known of one peer's voice. */
export interface Hearing {
  readonly heardAtUs: MonotonicUs | null;
  readonly silent: boolean;
}

/** Whether a peer that was heard before has been quiet for too long. It ends nobody's lease: that takes a majority's promises to run out. */
export function hasFallenSilent(peer: Hearing, nowUs: MonotonicUs, silentAfterUs: DurationUs): boolean {
  return !peer.silent && peer.heardAtUs !== null && nowUs - peer.heardAtUs >= silentAfterUs;
}

/** Both can hear each other: only then does a question to this peer find an answer. */
export function hearEachOther(
  peer: Hearing & { readonly hearsUsAtUs: MonotonicUs | null },
  nowUs: MonotonicUs,
  silentAfterUs: DurationUs,
): boolean {
  return !peer.silent && peer.hearsUsAtUs !== null && nowUs - peer.hearsUsAtUs <= silentAfterUs;
}
