import type { UpdateOutcome } from "./update-course.ts";

/** A record that is as it should be is looked at this often: somebody may have changed it, or the server lost it. */
const lookAgainAfterMs = 60_000;
const backOffMs = { first: 500, max: 30_000 } as const;
/** The first failure may be a lost packet: told is the second in a row. */
const failuresBeforeTold = 2;

/** How the keeping of one record at one server stands. */
export interface Keeping {
  /** In a row. */
  readonly failures: number;
  /** Reasons, since the last success. */
  readonly told: readonly string[];
}

export const newKeeping: Keeping = { failures: 0, told: [] };

export type Attempt = UpdateOutcome | { readonly is: "failed"; readonly reason: string };

export interface AfterAttempt {
  readonly keeping: Keeping;
  /** Milliseconds until the next attempt; null: there is none. */
  readonly pauseMs: number | null;
  /** Whether this failure is one to tell of: once for each reason, until an update has worked. */
  readonly isTold: boolean;
}

/** What follows from how an attempt went. */
export function afterAttempt({ failures, told }: Keeping, attempt: Attempt): AfterAttempt {
  if (attempt.is === "overtaken") return { keeping: newKeeping, pauseMs: null, isTold: false };
  // Not operational at that instant: whoever started this says soon whether it was more than a late view.
  if (attempt.is === "not-current") return { keeping: newKeeping, pauseMs: backOffMs.first, isTold: false };
  if (attempt.is !== "failed") return { keeping: newKeeping, pauseMs: lookAgainAfterMs, isTold: false };
  const { reason } = attempt;
  const isTold = failures + 1 >= failuresBeforeTold && !told.includes(reason);
  const keeping = { failures: failures + 1, told: isTold ? [...told, reason] : told };
  return { keeping, pauseMs: Math.min(backOffMs.max, backOffMs.first * 2 ** failures), isTold };
}
