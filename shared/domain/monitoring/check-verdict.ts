/** How many looks in a row turn a verdict: one slow answer is no alarm, and one good one no recovery. */
export interface CheckRules {
  readonly rise: number;
  readonly fall: number;
}

/**
 * - `unknown`: not looked at yet, or not any more.
 * - `ok`: the newest look found nothing wrong.
 * - `degraded`: the newest looks found something wrong, and are not yet `fall` in a row.
 * - `failed`: something was wrong `fall` times in a row, and since then it was not well `rise` times in a row.
 */
export type CheckState = "unknown" | "ok" | "degraded" | "failed";

export interface CheckVerdict {
  readonly state: CheckState;
  /** Since when, in milliseconds on the caller's monotonic clock. */
  readonly sinceMs: number;
  /** Looks in a row that speak for another verdict. */
  readonly against: number;
  /** The first bad look of those in a row; null while there is none. */
  readonly illSinceMs: number | null;
  /** The first bad look of a failure that was told, and whose end was not; null where there is none. */
  readonly failureSinceMs: number | null;
  /** What the newest bad look found; null where none ever was. */
  readonly lastProblem: string | null;
}

/** One look: null where all was well, else what was wrong, in words. */
export interface CheckLook {
  readonly atMs: number;
  readonly problem: string | null;
}

/** The turn of a verdict, told once: when it fails, and when it is well again. */
export type CheckEdge = { readonly kind: "failed"; readonly reason: string } | { readonly kind: "recovered"; readonly failedMs: number };

export function firstVerdict(nowMs: number): CheckVerdict {
  return { state: "unknown", sinceMs: nowMs, against: 0, illSinceMs: null, failureSinceMs: null, lastProblem: null };
}

/** Looking begins anew: earlier looks say nothing any more, but a failure whose end was never told still waits for it. */
export function forgotten(verdict: CheckVerdict, nowMs: number): CheckVerdict {
  return { ...verdict, state: "unknown", sinceMs: nowMs, against: 0, illSinceMs: null };
}

export function judged(verdict: CheckVerdict, look: CheckLook, rules: CheckRules): { verdict: CheckVerdict; edge: CheckEdge | null } {
  return look.problem === null ? well(verdict, look.atMs, rules) : ill(verdict, look.atMs, look.problem, rules);
}

function well(verdict: CheckVerdict, atMs: number, { rise }: CheckRules): { verdict: CheckVerdict; edge: CheckEdge | null } {
  const against = verdict.state === "failed" ? verdict.against + 1 : rise;
  if (against < rise) return { verdict: { ...verdict, against }, edge: null };
  const { failureSinceMs } = verdict;
  const edge: CheckEdge | null = failureSinceMs === null ? null : { kind: "recovered", failedMs: atMs - failureSinceMs };
  return { verdict: { ...moved(verdict, "ok", atMs), against: 0, illSinceMs: null, failureSinceMs: null }, edge };
}

function ill(
  verdict: CheckVerdict,
  atMs: number,
  problem: string,
  { fall }: CheckRules,
): { verdict: CheckVerdict; edge: CheckEdge | null } {
  const illSinceMs = verdict.illSinceMs ?? atMs;
  const seen = { ...verdict, illSinceMs, lastProblem: problem };
  if (verdict.state === "failed") return { verdict: { ...seen, against: 0 }, edge: null };
  const against = verdict.against + 1;
  if (against < fall) return { verdict: { ...moved(seen, "degraded", atMs), against }, edge: null };
  const failureSinceMs = verdict.failureSinceMs ?? illSinceMs;
  return { verdict: { ...moved(seen, "failed", atMs), against: 0, failureSinceMs }, edge: { kind: "failed", reason: problem } };
}

function moved(verdict: CheckVerdict, state: CheckState, atMs: number): CheckVerdict {
  return state === verdict.state ? verdict : { ...verdict, state, sinceMs: atMs };
}

export interface CheckPace extends CheckRules {
  readonly intervalMs: number;
  /** Between two looks while the verdict may be about to turn. */
  readonly retryIntervalMs: number;
  readonly timeoutMs: number;
}

/** By how much a pause between two looks may be longer or shorter than its setting, so that no two checks keep step. */
export const pauseSpread = 0.1;

/** The longest that a fault can go on before the check has failed: it begins right after a good look, and every look hangs. */
export function detectionMsMax({ intervalMs, retryIntervalMs, timeoutMs, fall }: CheckPace): number {
  return Math.ceil((intervalMs + (fall - 1) * retryIntervalMs) * (1 + pauseSpread)) + fall * timeoutMs;
}
