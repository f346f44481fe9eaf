import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { table } from "../../agent/cli/table.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import { LabSite } from "../lab/lab-site.ts";
import { isInstalled, labRefusal } from "../lab/requirements.ts";
import { interruption, unlessInterrupted } from "../lab/unless-interrupted.ts";
import { parseCall } from "../parse-call.ts";
import { type BenchRow, benchCells, benchHeading, benchRow } from "./bench-row.ts";
import { type BenchScenario, benchScenarios, type Contender, type Sample } from "./contender.ts";
import { KeepalivedContender } from "./keepalived-contender.ts";
import { OurContender } from "./our-contender.ts";

interface Options {
  readonly samples: number;
  readonly json?: string;
  readonly profile: readonly TimingProfileName[];
  readonly scenario: readonly BenchScenario[];
}

/** Which of the peer's settings each profile of ours is held against. */
const peerAdvertSeconds: Readonly<Partial<Record<TimingProfileName, number>>> = { default: 1, fast: 0.1 };

const program = new Command("npm run bench:failover --")
  .description(
    `How long a client gets no answer from the group's address: ours and keepalived side by side in one run, fault by fault, in network namespaces. Needs root, and keepalived (Debian package) for its columns. Times in milliseconds.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call, 3 where the lab cannot run here.`,
  )
  .option("--samples <count>", "of each scenario and contender", wholeNumber, 12)
  .option("--profile <name...>", "our timing profiles: default (beside adverts of 1 s), fast (beside 0.1 s)", ["default", "fast"])
  .option("--scenario <name...>", `of ${benchScenarios.join(", ")}`, [...benchScenarios])
  .option("--json <file>", "write the rows there, with every sample");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  refuseUnknown("profile", options.profile, Object.keys(peerAdvertSeconds));
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
    for (const profile of options.profile) await benchProfile(profile, options, rows, interrupted);
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    console.log(table(benchHeading, rows.map(benchCells)));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  }
}

/** One lab for each profile; ours and the peer's samples take turns in it, so that both meet the same machine. */
async function benchProfile(profile: TimingProfileName, options: Options, rows: BenchRow[], interrupted: AbortSignal): Promise<void> {
  const advertSeconds = peerAdvertSeconds[profile] ?? 1;
  const site = await LabSite.create({ timing: profile, onProgress: (what) => console.error(what), interrupted });
  try {
    const ours = new OurContender(site);
    const peer = isInstalled("keepalived") ? await KeepalivedContender.create(site, advertSeconds) : null;
    for (const scenario of options.scenario) {
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
  for (let taken = 0; taken < count; taken += 1) {
    samples.ours.push(await ours.sample(scenario));
    if (peer !== null) samples.peer?.push(await peer.sample(scenario));
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
