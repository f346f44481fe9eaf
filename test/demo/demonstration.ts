import { DatabaseSync } from "node:sqlite";
import { compareReplicas } from "../../agent/replication/compare-replicas.ts";
import { describeEvent } from "../../shared/domain/monitoring/describe-event.ts";
import { installApplication } from "./install-application.ts";
import { followCatchUp, joinServer } from "./joining-progress.ts";
import { keyMoments } from "./key-moments.ts";
import type { Narrator } from "./narrator.ts";
import type { Server } from "./server.ts";
import type { Site } from "./site.ts";
import { waitFor } from "./waiting.ts";

/** What the demonstration has measured. Times in milliseconds. */
export interface DemonstrationResult {
  /** From the loss of power to the first answer at the application's address. */
  readonly takeoverMs: number;
  /** Rows that the application has acknowledged to its caller. */
  readonly rowsWritten: number;
  /** Acknowledged rows that some replica lacks at the end. */
  readonly rowsLost: number;
  /** Rows that the dead server alone held, and that are in every replica at the end. */
  readonly rowsMergedOnReturn: number;
  readonly replicasEqual: boolean;
  readonly tables: number;
  readonly rows: number;
  /** From the loss of power to the verified alert in the subscriber's hands. */
  readonly alertMs: number;
  /** Of this takeover. */
  readonly alertsDelivered: number;
  /** Takeovers before it, with nobody dead: a machine so busy that a lease ran out. Each has an alert of its own. */
  readonly falseTakeovers: number;
  /** What each public validator said of the alert's signature. */
  readonly signatures: Readonly<Record<string, string>>;
  /** From the dead server's new start to a replica that has everything, its own rows merged. */
  readonly catchUpMs: number;
  readonly joinMs: Readonly<Record<string, number>>;
  readonly timeline: readonly string[];
}

const writeEveryMs = 20;
const heldAlone = "written on the dead server's disk, and sent to nobody";

/** The whole path on one machine: enrol, replicate, fail over, alert, return. Throws at the first step that fails. */
export async function demonstrate(site: Site, narrator: Narrator, database?: string): Promise<DemonstrationResult> {
  const acknowledged: string[] = [];
  const { clusterId } = await prepare(site, narrator, database);
  const joinMs = await joinServers(site, narrator, clusterId, acknowledged);
  const takeover = await failOver(site, narrator, acknowledged);
  const returned = await bringBack(site, narrator, takeover.lost);

  await site.application.stopWriting();
  const compared = await waitFor(
    "all replicas to be equal",
    30_000,
    () => {
      const comparison = compareReplicas(site.servers.map((server) => server.database));
      return comparison.equal ? comparison : undefined;
    },
    250,
  );
  const rowsLost = countMissing(site, acknowledged);
  narrator.tell(
    `compared ${compared.rows} rows of ${compared.tables} tables on three servers, row by row: equal; ${acknowledged.length} acknowledged rows, ${rowsLost} lost`,
  );

  return {
    takeoverMs: takeover.takeoverMs,
    rowsWritten: acknowledged.length,
    rowsLost,
    rowsMergedOnReturn: returned.merged,
    replicasEqual: compared.equal,
    tables: compared.tables,
    rows: compared.rows,
    alertMs: takeover.alertMs,
    alertsDelivered: site.inbox.received.length - takeover.alertsBefore,
    falseTakeovers: takeover.alertsBefore,
    signatures: takeover.signatures,
    catchUpMs: returned.catchUpMs,
    joinMs,
    timeline: await timelineOf(site, clusterId),
  };
}

async function prepare(site: Site, narrator: Narrator, database: string | undefined) {
  const addresses = await site.cloud.start();
  narrator.tell(`control plane ready, console at ${addresses.console}`);
  site.inbox.start(addresses);
  const memory = await site.register();
  narrator.tell("customer, cluster and licence for 3 nodes created; alert subscription confirmed by the subscriber");
  installApplication(site.serverNamed("node-a").database, database);
  return memory;
}

async function joinServers(site: Site, narrator: Narrator, clusterId: string, acknowledged: string[]): Promise<Record<string, number>> {
  const joinMs: Record<string, number> = {};
  for (const server of site.servers) {
    const startedAtMs = performance.now();
    await joinServer(server, site.api(), clusterId, narrator);
    joinMs[server.name] = Math.round(performance.now() - startedAtMs);
    if (server === site.servers[0]) {
      await site.operationalServer(30_000);
      site.application.startWriting(writeEveryMs, (text) => acknowledged.push(text));
      narrator.tell("the application answers, and its caller writes all the while");
    }
  }
  return joinMs;
}

async function failOver(site: Site, narrator: Narrator, acknowledged: readonly string[]) {
  const lost = await site.operationalServer(5_000);
  await waitFor("some rows to be written", 20_000, () => (acknowledged.length >= 100 ? true : undefined));
  const alertsBefore = site.inbox.received.length;
  if (alertsBefore > 0) narrator.tell(`the service has moved ${alertsBefore} times already with nobody dead: this machine is very busy`);
  const killedAtMs = performance.now();
  lost.losePower();
  const successor = await waitFor(
    "another server to answer",
    30_000,
    async () => {
      const name = await site.application.whoAnswers();
      return name === undefined || name === lost.name ? undefined : name;
    },
    5,
  );
  const takeoverMs = Math.round(performance.now() - killedAtMs);
  narrator.tell(
    `${lost.name} lost its power (kill -9 of all its processes); ${successor} answers at the same address after ${takeoverMs} ms`,
  );
  const alert = await waitFor("the alert to reach the subscriber", 30_000, () => site.inbox.received[alertsBefore]);
  const alertMs = Math.round(alert.atMs - killedAtMs);
  narrator.tell(
    `the subscriber has the alert after ${alertMs} ms; ${Object.entries(alert.signatures)
      .map(([name, verdict]) => `${name}: ${verdict}`)
      .join(", ")}`,
  );
  return { lost, takeoverMs, alertMs, alertsBefore, signatures: alert.signatures };
}

/** The dead server holds at least one row that nobody else has; all of them must reach the others when it returns. */
async function bringBack(site: Site, narrator: Narrator, lost: Server) {
  const disk = new DatabaseSync(lost.database, { timeout: 5_000 });
  disk.prepare("INSERT INTO note (text, server, weight) VALUES (?, ?, ?)").run(heldAlone, lost.name, null);
  disk.close();
  const others = site.servers.filter((server) => server !== lost).map(notesOf);
  const alone = [...notesOf(lost)].filter((text) => !others.some((notes) => notes.has(text)));
  const startedAtMs = performance.now();
  lost.boot();
  await waitFor("the returned server's own rows to reach the others", 60_000, () =>
    site.servers.every((server) => alone.every((text) => notesOf(server).has(text))) ? true : undefined,
  );
  await followCatchUp(lost);
  const catchUpMs = Math.round(performance.now() - startedAtMs);
  narrator.tell(
    `${lost.name} is back and has caught up after ${catchUpMs} ms; what it alone had held (${alone.length} rows) is on every server`,
  );
  return { catchUpMs, merged: alone.length };
}

function notesOf(server: Server): Set<string> {
  const database = new DatabaseSync(server.database, { readOnly: true, timeout: 5_000 });
  try {
    return new Set(
      database
        .prepare("SELECT text FROM note")
        .all()
        .map((row) => String(row["text"])),
    );
  } finally {
    database.close();
  }
}

function countMissing(site: Site, acknowledged: readonly string[]): number {
  const replicas = site.servers.map(notesOf);
  return acknowledged.filter((text) => !replicas.every((notes) => notes.has(text))).length;
}

/** As the console words them. */
async function timelineOf(site: Site, clusterId: string): Promise<string[]> {
  const api = site.api();
  const { document } = await api.clusterState(clusterId);
  const nameOf = (node: string): string => document.nodes.find((one) => one.nodeId === node)?.name ?? node;
  const moments = await waitFor("the timeline to hold the takeover and the return", 20_000, async () => keyMoments(api, clusterId));
  return moments.map((event) => `${event.at.slice(11, 23)} ${describeEvent(event.detail, event.reporter, nameOf)}`);
}
