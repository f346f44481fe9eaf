import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { oneGroup } from "../lab/lab-group.ts";
import { LabSite } from "../lab/lab-site.ts";
import { isInstalled, labRefusal } from "../lab/requirements.ts";
import { interruption, unlessInterrupted } from "../lab/unless-interrupted.ts";
import { parseCall } from "../parse-call.ts";
import { idlePair } from "./weight/idle-pair.ts";
import { type Weight, weightOf } from "./weight/process-weight.ts";

interface Options {
  readonly seconds: number;
  readonly json?: string;
}

interface WeightRow {
  readonly what: string;
  readonly processorPercent: number;
  readonly memoryMiB: number;
  readonly processes: number;
}

/** An agent that has just joined still compiles and tidies. */
const settleMs = 30_000;

const program = new Command("npm run bench:weight --")
  .description(
    `What an agent takes while nothing happens: three servers in network namespaces, one group with an address, the default profile; and keepalived, a pair with an advert each second, beside them in the same run. Needs root, and keepalived (Debian package) for its rows.

processor: of one processor, all processes of the server's agent together. memory: resident, pages that several processes have counted in parts (Pss).

Exit code: 0 when everything was measured, 1 when something could not be, 2 for a wrong call, 3 where the lab cannot run here.`,
  )
  .option("--seconds <count>", "for which they are watched", wholeNumber(), 60)
  .option("--json <file>", "write the rows there");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main({ seconds, json }: Options): Promise<number> {
  const refusal = await labRefusal();
  if (refusal !== null) {
    console.error(refusal);
    return 3;
  }
  const interrupted = interruption();
  try {
    const site = await LabSite.create({
      timing: "default",
      groups: oneGroup[4],
      hasSecondNetwork: false,
      onProgress: (what) => console.error(what),
      interrupted,
    });
    try {
      const rows = await unlessInterrupted(measure(site, seconds), interrupted);
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
      console.log(table(["what", "processor %", "memory MiB", "processes"], rows.map(cells)));
      return 0;
    } finally {
      await site.end();
    }
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function measure(site: LabSite, seconds: number): Promise<readonly WeightRow[]> {
  const { holder } = await site.healthy(60_000);
  const peers = isInstalled("keepalived") ? await idlePair(site) : [];
  if (peers.length === 0) console.error("keepalived is not installed: it is not measured. Next step: apt-get install keepalived");
  console.error(`idle for ${settleMs / 1_000} s, then watched for ${seconds} s`);
  await sleep(settleMs);
  const watched = [
    ...site.hosts.map(({ name, agent }) => ({ what: `agent, ${holderWords(name === holder.name)}`, pids: [agent.agent.pid ?? 0] })),
    ...(await Promise.all(
      peers.map(async (peer, index) => ({
        what: `keepalived 1 s, ${holderWords(index === 0)}`,
        pids: (await peer.processes()).slice(0, 1),
      })),
    )),
  ];
  const before = watched.map(({ pids }) => weightOf(pids));
  const startedAtMs = performance.now();
  await sleep(seconds * 1_000);
  const tookMs = performance.now() - startedAtMs;
  return watched.map(({ what, pids }, index) => weightRow(what, { before: before[index], after: weightOf(pids), tookMs }));
}

function holderWords(holds: boolean): string {
  return holds ? "holder" : "standby";
}

interface Watched {
  readonly before: Weight | undefined;
  readonly after: Weight;
  readonly tookMs: number;
}

function weightRow(what: string, { before, after, tookMs }: Watched): WeightRow {
  const processorMs = after.processorMs - (before?.processorMs ?? 0);
  return { what, processorPercent: (100 * processorMs) / tookMs, memoryMiB: after.memoryMiB, processes: after.processes };
}

function cells({ what, processorPercent, memoryMiB, processes }: WeightRow): string[] {
  return [what, processorPercent.toFixed(2), memoryMiB.toFixed(1), String(processes)];
}
