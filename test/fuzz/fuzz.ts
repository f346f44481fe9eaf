import { availableParallelism } from "node:os";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { parseCall } from "../parse-call.ts";
import { canaries, canaryExecutions } from "./canaries.ts";
import { keepInCorpus } from "./corpus.ts";
import type { Finding } from "./fuzz-job.ts";
import { fuzz, type TargetResult } from "./fuzz-run.ts";
import { targetNamed, targets } from "./targets.ts";

interface Options {
  readonly executions: number;
  readonly seed: number;
  readonly threads: number;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const byDefault = 1_000_000;

const program = new Command("npm run fuzz --")
  .description(
    `Gives everything that reads what somebody else has made millions of inputs that are nearly sound: each is a sound one with some bytes or values changed. An input must be read, or turned down in the way that is declared for it; at once; without anything left in memory; and what was read comes out as it went in. The same seed makes the same inputs. Four readers with a planted fault must be found in every run, or it has failed.

Exit code: 0 when nothing was found in the targets and all of the canaries, 1 otherwise, 2 for a wrong call.

Targets: ${targets.map(({ name }) => name).join(", ")}; and ${canaries.map(({ name }) => name).join(", ")}.`,
  )
  .argument("[target...]", "only these; all where none is named")
  .option("--executions <count>", "of all targets together, shared out by how quick each is", wholeNumber(), byDefault)
  .option("--seed <number>", "of the inputs", wholeNumber(2 ** 32), 1)
  .option("--threads <count>", "how many run side by side", wholeNumber(64), availableParallelism())
  .option("--keep", "put what was found into the corpus: it is tried first from then on")
  .option("--json", "print the result as JSON");

process.exitCode = await main(parseCall(program).args, program.opts<Options>());

async function main(names: readonly string[], { executions, seed, threads, keep, json }: Options): Promise<number> {
  const known = new Set([...targets, ...canaries].map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown.join(", ")}.\nNext step: npm run fuzz -- --help names them all.`);
    return 2;
  }
  const chosen = names.length === 0 ? targets : names.map(targetNamed);
  const startedAtMs = performance.now();
  const results = await fuzz(chosen, { executions, seed, threads });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const blind =
    names.length > 0
      ? []
      : (await fuzz(canaries, { executions: canaryExecutions, seed, threads })).filter(({ findings }) => findings.length === 0);
  const findings = results.flatMap((result) => result.findings);
  if (json === true)
    console.log(
      JSON.stringify({ seed, seconds, results: results.map(asJson), canariesMissed: blind.map(({ target }) => target) }, null, 1),
    );
  else tell(results, seconds);
  for (const finding of findings) tellFinding(finding, seed, keep === true);
  for (const { target } of blind) console.error(`${target} was not found: what this run has not found elsewhere says nothing.`);
  return findings.length === 0 && blind.length === 0 ? 0 : 1;
}

function tell(results: readonly TargetResult[], seconds: number): void {
  const rows = results.map(({ target, executions, accepted, processorMs, findings }) => [
    target,
    String(executions),
    `${((100 * accepted) / Math.max(1, executions)).toFixed(1)} %`,
    String(Math.round((1_000 * executions) / Math.max(1, processorMs))),
    String(findings.length),
  ]);
  console.log(table(["target", "executions", "read", "a second", "findings"], rows));
  const all = results.reduce((sum, { executions }) => sum + executions, 0);
  console.log(`${all} executions in ${seconds.toFixed(1)} s`);
}

function tellFinding({ target, kind, message, execution, input }: Finding, seed: number, keep: boolean): void {
  console.error(`${target} ${kind}${execution === null ? "" : ` at execution ${execution} of seed ${seed}`}: ${message}`);
  if (input === null) return;
  console.error(
    `  input (base64, ${input.length} bytes): ${Buffer.from(input.subarray(0, 600)).toString("base64")}${input.length > 600 ? "..." : ""}`,
  );
  if (keep) console.error(`  kept as ${keepInCorpus(target, input)}`);
}

function asJson({ findings, ...result }: TargetResult): object {
  return {
    ...result,
    findings: findings.map(({ input, ...finding }) => ({
      ...finding,
      input: input === null ? null : Buffer.from(input).toString("base64"),
    })),
  };
}
