import type { Finding } from "./fuzz-job.ts";
import { runJobs } from "./fuzz-pool.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { planOf } from "./plan.ts";

/** What became of one target. */
export interface TargetResult {
  readonly target: string;
  readonly executions: number;
  /** Inputs that were read, and not turned down. */
  readonly accepted: number;
  /** Of a processor's time, together with the making of inputs. */
  readonly processorMs: number;
  /** The first one of each job. */
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  readonly executions: number;
  readonly seed: number;
  readonly threads: number;
}

/** Gives all targets together so many inputs. Returns what became of each, in their order. */
export async function fuzz(targets: readonly FuzzTarget[], { executions, seed, threads }: FuzzOptions): Promise<readonly TargetResult[]> {
  const results = new Map(
    targets.map(({ name }): [string, TargetResult] => [name, { target: name, executions: 0, accepted: 0, processorMs: 0, findings: [] }]),
  );
  await runJobs(planOf(targets, executions, seed), threads, ({ target }, { finding, ...counted }) => {
    const before = results.get(target);
    if (before === undefined) return;
    results.set(target, {
      target,
      executions: before.executions + counted.executions,
      accepted: before.accepted + counted.accepted,
      processorMs: before.processorMs + counted.processorMs,
      findings: finding === null ? before.findings : [...before.findings, finding],
    });
  });
  return [...results.values()];
}
