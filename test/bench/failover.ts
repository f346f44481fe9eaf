import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { oneGroup } from "../lab/lab-group.ts";
import { LabSite } from "../lab/lab-site.ts";
import { isInstalled, labRefusal } from "../lab/requirements.ts";
import { interruption, unlessInterrupted } from "../lab/unless-interrupted.ts";
import { parseCall } from "../parse-call.ts";
import { type BenchOptions, benchPlan, benchProfiles, busySamplesMax, labMs, type PlannedLab, sampleMs } from "./bench-plan.ts";
import { BenchProgress } from "./bench-progress.ts";
import { type BenchRow, benchCells, benchHeading } from "./bench-row.ts";
import { benchScenarios, busy } from "./contender.ts";
import { SideBySide } from "./side-by-side.ts";

interface Options extends BenchOptions {
  readonly json?: string;
}

const program = new Command("npm run bench:failover --")
  .description(
    `How long a client gets no answer from the group's address: ours and keepalived side by side, struck at the same moment, fault by fault, in network namespaces. Needs root, and keepalived (Debian package) for its columns. Times in milliseconds.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call, 3 where the lab cannot run here.`,
  )
  .option("--samples <count>", `of each scenario and contender (of ${busy} ${busySamplesMax} at most)`, wholeNumber(), 12)
  .option(
    "--profile <name...>",
    "our timing profiles: default (beside adverts of 1 s), fast (beside 0.1 s, and 0.01 s on a busy machine)",
    [...benchProfiles],
  )
  .option("--scenario <name...>", `of ${benchScenarios.join(", ")}`, [...benchScenarios])
  .option("--json <file>", "write the rows there, with every sample; each as soon as it is whole");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  refuseUnknown("profile", options.profile, benchProfiles);
  refuseUnknown("scenario", options.scenario, benchScenarios);
  const refusal = await labRefusal();
  if (refusal !== null) {
    console.error(refusal);
    return 3;
  }
  if (!isInstalled("keepalived")) console.error("keepalived is not installed: its columns say so. Next step: apt-get install keepalived");
  const plan = benchPlan(options);
  const progress = new BenchProgress(plan, performance.now());
  console.error(`about ${progress.minutesToGo(performance.now())} min to go`);
  const interrupted = interruption();
  const rows: BenchRow[] = [];
  const keep = (): void => {
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  };
  const take = (whole: readonly BenchRow[]): void => {
    rows.push(...whole);
    keep();
  };
  keep();
  try {
    for (const lab of plan) await benchLab(lab, { progress, take, interrupted });
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    console.log(table(benchHeading, rows.map(benchCells)));
  }
}

interface Run {
  readonly progress: BenchProgress;
  readonly take: (whole: readonly BenchRow[]) => void;
  readonly interrupted: AbortSignal;
}

async function benchLab({ profile, scenarios }: PlannedLab, { progress, take, interrupted }: Run): Promise<void> {
  const site = await LabSite.create({
    timing: profile,
    groups: oneGroup[4],
    hasSecondNetwork: false,
    onProgress: (what) => console.error(what),
    interrupted,
  });
  try {
    progress.isDone(labMs);
    const sideBySide = new SideBySide(site, profile);
    for (const planned of scenarios) {
      const onSample = (taken: number): void => {
        progress.isDone(sampleMs(profile, planned.scenario));
        const toGo = progress.minutesToGo(performance.now());
        console.error(`${profile}, ${planned.scenario}: ${taken} of ${planned.samples} samples; about ${toGo} min to go`);
      };
      take(await unlessInterrupted(sideBySide.rows(planned, onSample), interrupted));
    }
  } finally {
    await site.end();
  }
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) program.error(`error: there is no ${what} ${unknown}; known ones: ${known.join(", ")}`);
}
