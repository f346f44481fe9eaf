import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { ApiClient } from "../demo/api-client.ts";
import { EmbeddedCloud } from "../demo/embedded-cloud.ts";
import { freePorts } from "../demo/free-ports.ts";
import { parseCall } from "../parse-call.ts";
import { FleetLoad } from "./cloud/fleet-load.ts";
import { type Fleet, seedFleet } from "./cloud/fleet-seed.ts";
import { reportsPerDay } from "./cloud/node-day.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { weightOf } from "./weight/process-weight.ts";

interface Options {
  readonly nodes: number;
  readonly seconds: number;
  readonly events: number;
  readonly json?: string;
}

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly p50: number;
  readonly p99: number | null;
  readonly n: number;
}

const secondsPerDay = 86_400;
/** Requests of people and scripts, one after the other: many more than a fleet has, so that there are enough of them to tell a 99th hundredth. */
const requestEveryMs = 50;
/** Told at once by the whole fleet, in the end. */
const reportsAtOnce = 200;

const program = new Command("npm run bench:cloud --")
  .description(
    `A fleet at one embedded control plane, which is a process of its own: clusters of two nodes, each node with a connection of its own (MQTT, mutual TLS), all from this process. First it is measured how long they take to connect; then nodes report at the agent's own pace, events come in, and the API is asked all the while; at last every node reports at once.

What the same costs in AWS is counted by a test (functions/COST.md).

Exit code: 0 when everything was measured and no connection or event was lost, 1 otherwise, 2 for a wrong call.`,
  )
  .option("--nodes <count>", "of the fleet, an even number", wholeNumber(100_000), 10_000)
  .option("--seconds <count>", "for which reports, events and requests go on", wholeNumber(), 60)
  .option("--events <count>", "that come in each second", wholeNumber(10_000), 50)
  .option("--json <file>", "write the rows there");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main({ nodes, seconds, events, json }: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "us-bench-cloud-"));
  const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0] = await freePorts(5);
  const cloud = new EmbeddedCloud(folder, { http, agent, mqtt, sns, snsTls });
  try {
    const seeding = performance.now();
    const fleet = await seedFleet(join(folder, "data"), nodes, (clusters) => tell(clusters, nodes / 2, "clusters are written"));
    console.error(`${nodes} nodes in ${nodes / 2} clusters written in ${since(seeding)} s`);
    const rows = await measured(cloud, fleet, { folder, seconds, events });
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
    console.log(table(["what", "unit", "p50", "p99", "n"], rows.map(cells)));
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(
  cloud: EmbeddedCloud,
  fleet: Fleet,
  { folder, seconds, events }: Pick<Options, "seconds" | "events"> & { readonly folder: string },
): Promise<readonly Row[]> {
  const starting = performance.now();
  const addresses = await cloud.start();
  const startedS = since(starting);
  console.error(`the control plane is ready after ${startedS} s`);
  const caPem = readFileSync(join(folder, "data", "certificate-authority.pem"), "utf8").split(/(?=-----BEGIN CERTIFICATE-----)/)[1] ?? "";
  const connecting = performance.now();
  const load = await FleetLoad.connect(fleet, { url: addresses.mqtt, caPem }, (connected) =>
    tell(connected, fleet.nodes.length, "nodes are connected"),
  );
  const connectedS = since(connecting);
  console.error(`all nodes are connected after ${connectedS} s`);
  try {
    const api = new ApiClient(addresses.api, cloud.firstLogin().apiKey);
    const steady = await steadily(cloud, fleet, load, { api, seconds, events });
    const atOnce = performance.now();
    const took = await allAtOnce(fleet, load);
    const storm = fleet.nodes.length / since(atOnce);
    if (load.lost > 0) throw new Error(`${load.lost} connections ended before the bench did`);
    return [
      row("start of the control plane", "s", [startedS]),
      row("all nodes connect, mutual TLS and subscriptions", "per s", [fleet.nodes.length / connectedS]),
      ...steady,
      row("every node reports at once: taken in", "per s", [storm]),
      row("every node reports at once: until it is taken in", "ms", took),
    ];
  } finally {
    await load.close();
  }
}

/** Reports at the pace of the agent's own reporter, events, and requests to the API, all evenly spread. */
async function steadily(
  cloud: EmbeddedCloud,
  fleet: Fleet,
  load: FleetLoad,
  { api, seconds, events }: { readonly api: ApiClient; readonly seconds: number; readonly events: number },
): Promise<readonly Row[]> {
  const perDay = reportsPerDay({ what: "a pair", nodes: 2, hasCloudWitness: true, isWritten: true });
  const reportsPerSecond = (fleet.nodes.length * perDay) / secondsPerDay;
  console.error(`${reportsPerSecond.toFixed(1)} reports and ${events} events each second, for ${seconds} s`);
  const [apiMs, reportMs]: [number[], number[]] = [[], []];
  const before = weightOf([cloud.pid ?? 0]);
  const [startedMs, endMs] = [performance.now(), performance.now() + seconds * 1_000];
  const evenly = async (perSecond: number, work: (index: number) => Promise<void>): Promise<void> => {
    const running: Promise<void>[] = [];
    for (let index = 0; performance.now() < endMs; index += 1) {
      running.push(work(index));
      await sleep(Math.max(0, startedMs + ((index + 1) * 1_000) / perSecond - performance.now()));
    }
    await Promise.all(running);
  };
  const requests = async (): Promise<void> => {
    for (let index = 0; performance.now() < endMs; index += 1) {
      const { clusterId } = fleet.nodes[(index * 7_919) % fleet.nodes.length] ?? { clusterId: "" };
      const askedMs = performance.now();
      await (index % 2 === 0 ? api.clusterState(clusterId) : api.events(clusterId));
      apiMs.push(performance.now() - askedMs);
      await sleep(requestEveryMs);
    }
  };
  await Promise.all([
    evenly(reportsPerSecond, async (index) => void reportMs.push(await load.report(index * 31))),
    evenly(events, async (index) => load.event(index * 17)),
    requests(),
  ]);
  const tookMs = performance.now() - startedMs;
  const after = weightOf([cloud.pid ?? 0]);
  await sleep(2_000);
  if (load.eventsWithoutReceipt > 0) throw new Error(`${load.eventsWithoutReceipt} events have no receipt`);
  return [
    row("API: a cluster's state, a page of its events", "ms", apiMs),
    row("event until its receipt", "ms", load.receiptMs),
    row("report until it is taken in", "ms", reportMs),
    row("control plane: of one processor", "%", [(100 * (after.processorMs - before.processorMs)) / tookMs]),
    row("control plane: memory", "MiB", [after.memoryMiB]),
  ];
}

async function allAtOnce(fleet: Fleet, load: FleetLoad): Promise<readonly number[]> {
  const took: number[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < fleet.nodes.length) {
      next += 1;
      took.push(await load.report(next - 1));
    }
  };
  await Promise.all(Array.from({ length: reportsAtOnce }, one));
  return took;
}

function row(what: string, unit: string, samples: readonly number[]): Row {
  const { p50, p99, n }: Quantiles = quantilesOf(samples);
  return { what, unit, p50, p99: n > 1 ? p99 : null, n };
}

function cells({ what, unit, p50, p99, n }: Row): string[] {
  return [what, unit, p50.toFixed(1), p99 === null ? "-" : p99.toFixed(1), String(n)];
}

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs) / 1_000;
}

function tell(done: number, all: number, what: string): void {
  if (done % Math.ceil(all / 5) === 0) console.error(`${done} of ${all} ${what}`);
}
