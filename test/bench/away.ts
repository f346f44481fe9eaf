import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { waitFor } from "../agent/replication/loopback-cluster.ts";
import { parseCall } from "../parse-call.ts";
import { AwaySite, type Found } from "./away/away-site.ts";

const ways = ["delta", "copy"] as const;
const timesEach = 10;
const patienceMs = 840_000;

interface Options {
  readonly changes: number;
  readonly rowsAtOnce: number;
  readonly part: readonly (typeof ways)[number][];
  readonly json?: string;
}

interface Measured extends Found {
  readonly way: (typeof ways)[number];
  readonly changes: number;
  readonly writtenSeconds: number;
  readonly levelSeconds: number;
  /** Of the second server's application while it catches up. */
  readonly longestCommitMs: number;
}

const program = new Command("npm run bench:away --")
  .description(
    `How long a server takes that was away while another one's application made many changes, ten of each row, until both have all that either had: with a log that still has them all (delta), and with one that does not (copy). What the
returning server's application wrote meanwhile must stand on both, its local table must be as it was, and all rows must be equal. While it catches up its application commits every 5 ms. Two servers with mutual TLS over the loopback.

Exit code: 0 when all came out so, 1 when something did not, 2 for a wrong call.`,
  )
  .option("--changes <count>", "changes that pass while the server is away", wholeNumber(), 10_000_000)
  .option("--rows-at-once <count>", "of them in one transaction", wholeNumber(), 1_000)
  .option("--part <name...>", "only these: delta, copy", [...ways])
  .option("--json <file>", "write the figures there");

const { changes, rowsAtOnce, part, json } = parseCall(program).opts<Options>();
const measured: Measured[] = [];
try {
  for (const way of part) {
    measured.push(await measure(way));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(measured, null, 1)}\n`);
  }
} catch (error) {
  console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
const heading = ["way", "changes", "written in s", "level again in s", "longest commit in ms", "rows", "different"];
console.log(
  table(
    heading,
    measured.map((one) =>
      [
        one.way,
        one.changes,
        one.writtenSeconds.toFixed(1),
        one.levelSeconds.toFixed(1),
        one.longestCommitMs.toFixed(0),
        one.rows,
        one.different,
      ].map(String),
    ),
  ),
);

async function measure(way: (typeof ways)[number]): Promise<Measured> {
  const keptMax = Math.ceil(changes / 100);
  await using site = await AwaySite.start(
    changes / timesEach,
    way === "copy" ? { logChangesMax: keptMax, logAgeMsMin: 0 } : { logChangesMax: 2 * changes },
  );
  await site.away();
  const writtenSeconds = site.change(timesEach, rowsAtOnce);
  if (way === "copy") await waitFor("the log to be short", () => site.entriesInLog <= keptMax, patienceMs);
  site.writeAlone();
  const { seconds, freshCopy, longestCommitMs } = await site.back(patienceMs);
  if ((freshCopy !== undefined) !== (way === "copy")) throw new Error(`${way}: it came by the other way`);
  const found = site.found();
  if (found.different > 0) throw new Error(`${found.different} rows differ`);
  return { way, changes, writtenSeconds, levelSeconds: seconds, longestCommitMs, ...found };
}
