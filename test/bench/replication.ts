import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { isInstalled } from "../lab/requirements.ts";
import { parseCall } from "../parse-call.ts";
import { captureCost } from "./replication/capture-cost.ts";
import { MariadbPair } from "./replication/mariadb-pair.ts";
import { Measures } from "./replication/measures.ts";
import { OurPair } from "./replication/our-pair.ts";
import type { Durability, Pair } from "./replication/pair.ts";
import { type ReplicationRow, replicationCells, replicationHeading, replicationRow } from "./replication/replication-row.ts";

interface Options {
  readonly rounds: number;
  readonly samples: number;
  readonly away: number;
  readonly json?: string;
}

/** By how a commit is synced on the first server: what that is called on each side, and how many one-row transactions a sample has. */
const durabilities: Readonly<
  Record<Durability, { readonly said: string; readonly peer: string; readonly ours: number; readonly theirs: number }>
> = {
  relaxed: { said: "synchronous=NORMAL", peer: "MariaDB, sync_binlog=0", ours: 20_000, theirs: 3_000 },
  full: { said: "synchronous=FULL", peer: "MariaDB, sync_binlog=1", ours: 3_000, theirs: 500 },
};

const rowsPerTransaction = 10;

const program = new Command("npm run bench:replication --")
  .description(
    `How soon, and how fast, rows that an application commits on one server show on another: ours on SQLite beside MariaDB's own replication, one after the other on loopback in the same run. Needs mariadbd (Debian package mariadb-server) for its columns.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call.`,
  )
  .option("--rounds <count>", "single commits whose way to the second server is timed", wholeNumber(), 300)
  .option("--samples <count>", "of each measurement of throughput", wholeNumber(), 5)
  .option("--away <rows>", "rows that are written while the second server is away: an hour at 100 a second", wholeNumber(), 360_000)
  .option("--json <file>", "write the rows there, with every sample; each as soon as it is whole");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  const rows: ReplicationRow[] = [];
  const take = (row: ReplicationRow): void => {
    rows.push(row);
    console.error(`${row.what}: done`);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
  };
  const hasPeer = isInstalled("mariadbd");
  if (!hasPeer) console.error("MariaDB is not installed: its columns say so. Next step: apt-get install mariadb-server");
  try {
    for (const durability of ["relaxed", "full"] as const) await comparePairs(durability, hasPeer, options, take);
    take(captureCost(options.samples));
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    console.log(table(replicationHeading, rows.map(replicationCells)));
  }
}

interface Figures {
  readonly visible: readonly number[];
  readonly sustained: readonly number[];
  readonly rejoin: readonly number[];
}

async function comparePairs(
  durability: Durability,
  hasPeer: boolean,
  options: Options,
  take: (row: ReplicationRow) => void,
): Promise<void> {
  const { said, peer: peerName, ours, theirs } = durabilities[durability];
  // An hour's absence is the same whatever a commit waits for, and with every commit synced it would take long to write.
  const away = durability === "relaxed" ? options.away : 0;
  const own = await figures(() => OurPair.start(durability), { ...options, transactions: ours, away });
  const peer = hasPeer ? await figures(() => MariadbPair.start(durability), { ...options, transactions: theirs, away }) : null;
  take(replicationRow({ what: `commit to visible, ${said}`, unit: "ms", peerName }, own.visible, peer?.visible ?? null));
  take(replicationRow({ what: `one-row transactions, ${said}`, unit: "per s", peerName }, own.sustained, peer?.sustained ?? null));
  if (away > 0)
    take(replicationRow({ what: `level again after ${away} rows away`, unit: "s", peerName }, own.rejoin, peer?.rejoin ?? null));
}

async function figures(start: () => Promise<Pair>, plan: Options & { readonly transactions: number }): Promise<Figures> {
  await using pair = await start();
  const measures = new Measures(pair);
  const visible = await measures.visible(plan.rounds);
  const sustained: number[] = [];
  for (let sample = 0; sample < plan.samples; sample += 1) sustained.push(await measures.sustained(plan.transactions));
  return { visible, sustained, rejoin: plan.away === 0 ? [] : [await measures.rejoin(plan.away, rowsPerTransaction)] };
}
