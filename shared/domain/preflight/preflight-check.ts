import type { PreflightFacts } from "./preflight-facts.ts";

/** `warn`: it works, and less well than it could. `fail`: a server in this state is not let into a cluster, but at an operator's word. */
export type PreflightOutcome = "ok" | "warn" | "fail";

/** What was seen of one thing, and what follows. */
export interface Judgement {
  readonly outcome: PreflightOutcome;
  /** Which one, of several: a setting, a data set, a tool. */
  readonly subject?: string;
  /** In words, without a full stop. */
  readonly seen: string;
}

/** One thing that must be right before a server joins, and stay so. `judge` is pure: what was seen in, outcomes out. */
export interface PreflightCheck<Looked = PreflightFacts> {
  /** Never changes: scripts and the control plane know it by this. */
  readonly id: string;
  readonly looksAt: string;
  /** When it warns, and when it fails; null: never. */
  readonly warns: string | null;
  readonly fails: string | null;
  readonly nextStep: string;
  readonly judge: (looked: Looked) => readonly Judgement[];
}

export interface PreflightResult extends Judgement {
  readonly id: string;
  /** Null where all is well. */
  readonly nextStep: string | null;
}

const nothing: Judgement = { outcome: "ok", seen: "nothing here needs it" };

/** In the order of the checks: at least one result of each. */
export function judged<Looked>(checks: readonly PreflightCheck<Looked>[], looked: Looked): readonly PreflightResult[] {
  return checks.flatMap(({ id, nextStep, judge }) => {
    const found = judge(looked);
    return (found.length === 0 ? [nothing] : found).map((one) => ({ id, ...one, nextStep: one.outcome === "ok" ? null : nextStep }));
  });
}

export function withOutcome<Result extends { readonly outcome: PreflightOutcome }>(
  results: readonly Result[],
  outcome: PreflightOutcome,
): readonly Result[] {
  return results.filter((result) => result.outcome === outcome);
}
