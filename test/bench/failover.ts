import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { table } from "../../agent/cli/table.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { oneGroup } from "../lab/lab-group.ts";
import { LabSite } from "../lab/lab-site.ts";
import { isInstalled, labRefusal } from "../lab/requirements.ts";
import { interruption, unlessInterrupted } from "../lab/unless-interrupted.ts";
import { parseCall } from "../parse-call.ts";
import { type BenchRow, benchCells, benchHeading, benchRow } from "./bench-row.ts";
import { type BenchScenario, benchScenarios, busy, type Contender, type Sample } from "./contender.ts";
import { KeepalivedContender } from "./keepalived-contender.ts";
import { OurContender } from "./our-contender.ts";

interface Options {
  readonly samples: number;
  readonly json?: string;
  readonly profile: readonly TimingProfileName[];
  readonly scenario: readonly BenchScenario[];
}

interface Pair {
  readonly profile: TimingProfileName;
  readonly advertSeconds: number;
  readonly scenarios: readonly BenchScenario[];
}

/** Which of the peer's settings each profile of ours is held against. The last one is as fast as the peer can be set: on a busy machine that has its price. */
const pairs: readonly Pair[] = [
  { profile: "default", advertSeconds: 1, scenarios: benchScenarios },
  { profile: "fast", advertSeconds: 0.1, scenarios: benchScenarios },
  { profile: "fast", advertSeconds: 0.01, scenarios: [busy] },
];
/** A busy machine takes its 45 s each time, and one of them is as good as many single faults. */
const busySamplesMax = 3;

const program = new Command("npm run bench:failover --")
  .description(
    `How long a client gets no answer from the group's address: ours and keepalived side by side in one run, fault by fault, in network namespaces. Needs root, and keepalived (Debian package) for its columns. Times in milliseconds.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call, 3 where the lab cannot run here.`,
  )
  .option("--samples <count>", `of each scenario and contender (of ${busy} ${busySamplesMax} at most)`, wholeNumber, 12)
  .option(
    "--profile <name...>",
    "our timing profiles: default (beside adverts of 1 s), fast (beside 0.1 s, and 0.01 s on a busy machine)",
    ["default", "fast"],
  )
  .option("--scenario <name...>", `of ${benchScenarios.join(", ")}`, [...benchScenarios])
  .option("--json <file>", "write the rows there, with every sample");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  refuseUnknown(
    "profile",
    options.profile,
    pairs.map(({ profile }) => profile),
  );
  refuseUnknown("scenario", options.scenario, benchScenarios);
  const refusal = await labRefusal();
  if (refusal !== null) {
    console.error(refusal);
    return 3;
  }
  if (!isInstalled("keepalived")) console.error("keepalived is not installed: its columns say so. Next step: apt-get install keepalived");
  const interrupted = interruption();
  const rows: BenchRow[] = [];
  try {
    for (const pair of pairs) if (options.profile.includes(pair.profile)) await benchPair(pair, options, rows, interrupted);
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    console.log(table(benchHeading, rows.map(benchCells)));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  }
}

/** One lab for each pair; ours and the peer's samples take turns in it, so that both meet the same machine. */
async function benchPair(pair: Pair, options: Options, rows: BenchRow[], interrupted: AbortSignal): Promise<void> {
  const { profile, advertSeconds } = pair;
  const chosen = pair.scenarios.filter((scenario) => options.scenario.includes(scenario));
  if (chosen.length === 0) return;
  const site = await LabSite.create({
    timing: profile,
    groups: oneGroup[4],
    hasSecondNetwork: false,
    onProgress: (what) => console.error(what),
    interrupted,
  });
  try {
    const ours = new OurContender(site);
    const peer = isInstalled("keepalived") ? await KeepalivedContender.create(site, advertSeconds) : null;
    for (const scenario of chosen) {
      const sampled = await unlessInterrupted(sampleBoth(ours, peer, scenario, options.samples), interrupted);
      rows.push(benchRow({ scenario, profile, peer: `keepalived ${advertSeconds} s` }, sampled.ours, sampled.peer));
      console.error(`${scenario}, ${profile}: done`);
    }
  } finally {
    await site.end();
  }
}

async function sampleBoth(ours: Contender, peer: Contender | null, scenario: BenchScenario, count: number) {
  const samples: { ours: Sample[]; peer: Sample[] | null } = { ours: [], peer: peer === null ? null : [] };
  const wanted = scenario === busy ? Math.min(count, busySamplesMax) : count;
  const sample = (contender: Contender): Promise<Sample> => (scenario === busy ? contender.busySample() : contender.sample(scenario));
  for (let taken = 0; taken < wanted; taken += 1) {
    samples.ours.push(await sample(ours));
    if (peer !== null) samples.peer?.push(await sample(peer));
  }
  return samples;
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) program.error(`error: there is no ${what} ${unknown}; known ones: ${known.join(", ")}`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
  return Number(text);
}
