import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedCloud } from "../../demo/embedded-cloud.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { weightOf } from "../weight/process-weight.ts";
import { eachTimed, type Row, row, since, tell } from "./cloud-row.ts";
import { FleetLoad } from "./fleet-load.ts";
import { type Fleet, seedFleet } from "./fleet-seed.ts";
import { pair, reportsPerDay } from "./node-day.ts";
import { People } from "./people.ts";

const secondsPerDay = 86_400;
/** Requests of people and scripts, one after the other: many more than a fleet has, so that there are enough of them to tell a 99th hundredth. */
const requestEveryMs = 50;
/** Told at once by the whole fleet, in the end. */
const reportsAtOnce = 200;
/** Of the files that a process may have open: for the database and everything else. */
const otherFiles = 500;
/** So long a receipt may take at the end. */
const lastReceiptsMs = 10_000;

interface Load {
  readonly nodes: number;
  readonly seconds: number;
  readonly events: number;
}

/** A fleet at one embedded control plane, each node with a connection of its own. Throws where a connection or an event is lost. */
export async function socketsPart({ nodes, seconds, events }: Load): Promise<readonly Row[]> {
  const possible = openFilesMax() - otherFiles;
  if (nodes > possible)
    throw new Error(
      `${nodes} connections need as many open files, and a process may have ${possible} here: ulimit -n ${nodes + otherFiles}, or fewer --nodes`,
    );
  const folder = mkdtempSync(join(tmpdir(), "us-bench-cloud-"));
  const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0] = await freePorts(5);
  const cloud = new EmbeddedCloud(folder, { http, agent, mqtt, sns, snsTls });
  try {
    const seeding = performance.now();
    const fleet = await seedFleet(join(folder, "data"), nodes, (clusters) => tell(clusters, nodes / 2, "clusters are written"));
    console.error(`${nodes} nodes in ${nodes / 2} clusters written in ${since(seeding)} s`);
    return await measured(cloud, fleet, { folder, seconds, events });
  } finally {
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(
  cloud: EmbeddedCloud,
  fleet: Fleet,
  { folder, seconds, events }: Pick<Load, "seconds" | "events"> & { readonly folder: string },
): Promise<readonly Row[]> {
  const starting = performance.now();
  const { console: url, mqtt } = await cloud.start();
  const startedS = since(starting);
  console.error(`the control plane is ready after ${startedS} s`);
  const people = await People.signedIn(url, cloud.firstLogin());
  const caPem = readFileSync(join(folder, "data", "certificate-authority.pem"), "utf8").split(/(?=-----BEGIN CERTIFICATE-----)/)[1] ?? "";
  const connecting = performance.now();
  const load = await FleetLoad.connect(fleet, { url: mqtt, caPem }, (connected) =>
    tell(connected, fleet.nodes.length, "nodes are connected"),
  );
  const connectedS = since(connecting);
  console.error(`all nodes are connected after ${connectedS} s`);
  try {
    const steady = await steadily(cloud, fleet, load, { people, seconds, events });
    const atOnce = performance.now();
    const took = await eachTimed(fleet.nodes.length, reportsAtOnce, (index) => load.report(index));
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

/** Reports at the pace of the agent's own reporter, events, and requests to the API and the console, all evenly spread. */
async function steadily(
  cloud: EmbeddedCloud,
  fleet: Fleet,
  load: FleetLoad,
  { people, seconds, events }: Pick<Load, "seconds" | "events"> & { readonly people: People },
): Promise<readonly Row[]> {
  const reportsPerSecond = (fleet.nodes.length * reportsPerDay(pair)) / secondsPerDay;
  console.error(`${reportsPerSecond.toFixed(1)} reports and ${events} events each second, for ${seconds} s`);
  const reportMs: number[] = [];
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
      const node = fleet.nodes[(index * 7_919) % fleet.nodes.length];
      if (node !== undefined) await people.ask(node.clusterId);
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
  for (const untilMs = performance.now() + lastReceiptsMs; load.eventsWithoutReceipt > 0 && performance.now() < untilMs; ) await sleep(100);
  if (load.eventsWithoutReceipt > 0) throw new Error(`${load.eventsWithoutReceipt} events have no receipt`);
  return [
    ...people.rows(),
    row("event until its receipt", "ms", load.receiptMs),
    row("report until it is taken in", "ms", reportMs),
    row("control plane: of one processor", "%", [(100 * (after.processorMs - before.processorMs)) / tookMs]),
    row("control plane: memory", "MiB", [after.memoryMiB]),
  ];
}

/** Of one process, as the kernel allows it: Node takes all of it at its start. */
function openFilesMax(): number {
  const [, , most = "0"] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return most === "unlimited" ? Number.POSITIVE_INFINITY : Number(most);
}
