import { join } from "node:path";
import { Command, Option } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { parseCall } from "../parse-call.ts";
import { figureLines } from "./figure-lines.ts";
import { commandsOf, labsFor } from "./lab-choice.ts";
import { LabSite } from "./lab-site.ts";
import { labRefusal } from "./requirements.ts";
import { resultHeading, resultRow } from "./result-table.ts";
import { runScenario, type ScenarioResult } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { interruption, unlessInterrupted } from "./unless-interrupted.ts";

interface Options {
  readonly list?: true;
  readonly json?: true;
  readonly timing: TimingProfileName;
  readonly repeat: number;
  readonly logs?: string;
}

const program = new Command("npm run lab --")
  .description(
    `Strikes a real cluster with real faults: three agents, or two and a witness, or two alone, a control plane and a client, each in a network namespace of its own. Needs root; leaves nothing behind.

Exit code: 0 when every scenario went as it should, 1 when one did not, 2 for a wrong call, 3 where the lab cannot run here.`,
  )
  .argument("[scenario...]", "names of scenarios, or all")
  .option("--list", "tell the scenarios, and run none")
  .option("--json", "print exactly one JSON object on standard output; everything else goes to standard error")
  .option("--repeat <times>", "run the scenarios so often", wholeNumber(), 1)
  .option("--logs <folder>", "copy every program's log there at the end, into a folder for each lab")
  .addOption(
    new Option("--timing <profile>", "the cluster's timing profile, for scenarios that need no other")
      .choices(["fast", "default"])
      .default("default"),
  );

const call = parseCall(program);
process.exitCode = await main(call.args, call.opts<Options>());

async function main(names: readonly string[], options: Options): Promise<number> {
  if (options.list === true) return list(options);
  const chosen = names.includes("all") ? scenarios : names.map(named);
  if (chosen.length === 0) program.error("error: name a scenario, or all, or ask for --list");
  const refusal = await labRefusal(commandsOf(chosen));
  if (refusal !== null) {
    console.error(refusal);
    return 3;
  }
  const results: ScenarioResult[] = [];
  const every = Array.from({ length: options.repeat }, () => chosen).flat();
  const failure = await runAll(every, options, results).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (failure !== null) console.error(`The lab ends early: ${failure}`);
  if (options.json === true) console.log(JSON.stringify({ timing: options.timing, results, failure }));
  else console.log([table(resultHeading, results.map(resultRow)), ...figureLines(results)].join("\n"));
  return failure === null && results.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

/** One lab for all that can share one: each begins where the one before has recovered. */
async function runAll(chosen: readonly Scenario[], { timing, logs }: Options, results: ScenarioResult[]): Promise<void> {
  const interrupted = interruption();
  for (const { lab, scenarios: sharing } of labsFor(chosen, timing)) {
    const site = await LabSite.create({
      ...lab,
      ...(logs === undefined ? {} : { logs }),
      onProgress: (what) => console.error(what),
      interrupted,
    });
    try {
      for (const scenario of sharing) {
        console.error(`${scenario.name}: ${scenario.about}`);
        const result = await unlessInterrupted(runScenario(site, scenario), interrupted);
        for (const problem of result.problems) console.error(`  failed: ${problem}`);
        for (const line of result.trace) console.error(`    ${line}`);
        results.push(result);
      }
    } finally {
      if (logs !== undefined) site.keepLogs(join(logs, site.runName));
      await site.end();
    }
  }
}

function list(options: Options): number {
  const known = scenarios.map(({ name, about }) => ({ name, about }));
  if (options.json === true) console.log(JSON.stringify({ scenarios: known }));
  else
    console.log(
      table(
        ["scenario", "what happens, and what must follow"],
        known.map(({ name, about }) => [name, about]),
      ),
    );
  return 0;
}

function named(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  return (
    found ?? program.error(`error: there is no scenario ${name}; known ones: ${scenarios.map((scenario) => scenario.name).join(", ")}`)
  );
}
