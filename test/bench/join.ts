import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { isInstalled } from "../lab/requirements.ts";
import { parseCall } from "../parse-call.ts";
import { Application } from "./application/application.ts";
import { createCallRecords } from "./join/call-database.ts";
import { DumpAndLoad } from "./join/dump-and-load.ts";
import { JoinSite } from "./join/join-site.ts";
import { copyRaw } from "./join/raw-copy.ts";
import { copyByRsync } from "./join/rsync-copy.ts";
import { type ReplicationRow, replicationCells, replicationHeading, replicationRow } from "./replication/replication-row.ts";

const parts = ["copies", "dump", "three", "uplink", "application"] as const;
type Part = (typeof parts)[number];

interface Options {
  readonly megabytes: number;
  readonly samples: number;
  readonly part: readonly Part[];
  readonly json?: string;
}

/** As the network of a small site: what one server sends is what three joiners would share. */
const uplinkMegabitsPerSecond = 400;

const program = new Command("npm run bench:join --")
  .description(
    `How long a server takes, from nothing, until it has another one's database, has checked it and follows: ours beside copies of the same bytes, in turn, on loopback in the same run. Every server of ours is a process of its own, with mutual TLS; its start counts.

Parts: ${parts.join(", ")}. \`copies\` needs socat, and rsync for its row; \`dump\` needs mariadb-server and mariadb-client (Debian packages); a peer that is not installed is not measured.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call.`,
  )
  .option("--megabytes <count>", "MiB of the database", wholeNumber(), 1_024)
  .option("--samples <count>", "of each measurement; of the dump one", wholeNumber(), 5)
  .option("--part <name...>", "only these", [...parts])
  .option("--json <file>", "write the rows there, with every sample; each as soon as it is whole");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  const unknown = options.part.find((name) => !parts.includes(name));
  if (unknown !== undefined) program.error(`error: there is no part ${unknown}; known ones: ${parts.join(", ")}`);
  const rows: ReplicationRow[] = [];
  const take = (row: ReplicationRow): void => {
    rows.push(row);
    console.error(`${row.what}, beside ${row.peerName}: done`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  };
  try {
    if (options.part.includes("copies")) await besideCopies(options, take);
    if (options.part.includes("dump")) await besideDump(options, take);
    if (options.part.includes("three")) await threeAtOnce(options, take);
    if (options.part.includes("uplink")) await threeAtOnce(options, take, uplinkMegabitsPerSecond);
    if (options.part.includes("application")) await besideApplication(options, take);
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    console.log(table(replicationHeading, rows.map(replicationCells)));
  }
}

type Take = (row: ReplicationRow) => void;

async function besideCopies({ megabytes, samples }: Options, take: Take): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-copies-"));
  try {
    await using site = await JoinSite.create(1, (path) => createCallRecords(path, megabytes));
    const copies = [
      { peerName: "raw copy over TCP, fsync", command: "socat", copy: copyRaw, times: [] as number[] },
      { peerName: "rsync --fsync", command: "rsync", copy: copyByRsync, times: [] as number[] },
    ].filter(({ command }) => isInstalled(command));
    const ours: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      for (const { copy, times } of copies) times.push((await copy(site.database, join(folder, "copy.sqlite"))) / 1_000);
      ours.push(...(await site.join(1)).map((ms) => ms / 1_000));
    }
    for (const peerName of ["raw copy over TCP, fsync", "rsync --fsync"]) {
      const times = copies.find((copy) => copy.peerName === peerName)?.times ?? null;
      take(replicationRow({ what: `join of ${megabytes} MiB`, unit: "s", peerName }, ours, times));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function besideDump({ megabytes }: Options, take: Take): Promise<void> {
  await using site = await JoinSite.create(1, (path) => createCallRecords(path, megabytes));
  const ours = (await site.join(1)).map((ms) => ms / 1_000);
  let theirs: number[] | null = null;
  if (isInstalled("mariadbd") && isInstalled("mariadb-dump")) {
    await using servers = await DumpAndLoad.create(site.database);
    theirs = [(await servers.copy()) / 1_000];
  }
  take(replicationRow({ what: `join of ${megabytes} MiB`, unit: "s", peerName: "mariadb-dump and load" }, ours, theirs));
}

/** The slowest of three that join at once, beside one that joins alone. */
async function threeAtOnce({ megabytes, samples }: Options, take: Take, megabitsPerSecond?: number): Promise<void> {
  await using site = await JoinSite.create(3, (path) => createCallRecords(path, megabytes), megabitsPerSecond);
  const slowest: number[] = [];
  const alone: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    alone.push(...(await site.join(1)).map((ms) => ms / 1_000));
    slowest.push(Math.max(...(await site.join(3))) / 1_000);
  }
  const bound = megabitsPerSecond === undefined ? "" : `, each server sending at most ${megabitsPerSecond} Mbit/s`;
  const what = `three joins of ${megabytes} MiB at once, the slowest${bound}`;
  take(replicationRow({ what, unit: "s", peerName: "ours, one alone" }, slowest, alone));
}

/** What the commits of an application on the donor cost while a server joins, beside what they cost while none does. */
const oneCall =
  "INSERT INTO call_record (caller, callee, started_at, seconds, codec, note, sample) VALUES ('+49', '+44', 1, 1, 'opus', 'a call', x'00')";

async function besideApplication({ megabytes, samples }: Options, take: Take): Promise<void> {
  await using site = await JoinSite.create(1, (path) => createCallRecords(path, megabytes));
  const during: number[] = [];
  const before: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const calm = await Application.start(site.database, oneCall);
    await sleep(5_000);
    before.push(...(await calm.end()));
    const busy = await Application.start(site.database, oneCall);
    await site.join(1, async () => {
      during.push(...(await busy.end()));
    });
  }
  const what = `commit of an application on the donor while ${megabytes} MiB are joined`;
  take(replicationRow({ what, unit: "ms", peerName: "ours, nobody joining" }, during, before));
}
