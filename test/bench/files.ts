import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { table } from "../../agent/cli/table.ts";
import { wholeNumber } from "../../agent/cli/whole-number.ts";
import { isInstalled } from "../lab/requirements.ts";
import { parseCall } from "../parse-call.ts";
import { FilesSite } from "./files/files-site.ts";
import { copyTree } from "./files/rsync-tree.ts";
import { TreeOfFiles } from "./files/tree-of-files.ts";
import { type ReplicationRow, replicationCells, replicationHeading, replicationRow } from "./replication/replication-row.ts";

interface Options {
  readonly files: number;
  readonly kilobytes: number;
  readonly samples: number;
  readonly json?: string;
}

const peerName = "rsync -a, sync";

const program = new Command("npm run bench:files --")
  .description(
    `How long a tree of files takes from one server to another until it is on the second one's disk: ours, two servers with mutual TLS over the loopback, beside rsync from folder to folder and a sync, in turn in the same run.

new: the files appear in the tree of a server that another one follows, moved there in one step. changed: one in a hundred of them grows by a byte. join: the other server starts, with nothing; its start counts. Without rsync (Debian package) it is not measured.

Exit code: 0 when every sample was taken, 1 when one could not be, 2 for a wrong call.`,
  )
  .option("--files <count>", "in the tree", wholeNumber(), 10_000)
  .option("--kilobytes <count>", "KB of each file", wholeNumber(), 20)
  .option("--samples <count>", "of each measurement", wholeNumber(), 3)
  .option("--json <file>", "write the rows there, with every sample");

process.exitCode = await main(parseCall(program).opts<Options>());

async function main(options: Options): Promise<number> {
  try {
    const rows = await measure(options);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 1)}\n`);
    console.log(table(replicationHeading, rows.map(replicationCells)));
    return 0;
  } catch (error) {
    console.error(`The bench ends early: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function measure({ files, kilobytes, samples }: Options): Promise<readonly ReplicationRow[]> {
  await using site = await FilesSite.create();
  const [source] = site.trees;
  const copy = site.aside("copy");
  const tree = new TreeOfFiles(source, { files, bytesEach: kilobytes * 1_000 });
  const ours = { new: [] as number[], changed: [] as number[], join: [] as number[] };
  const theirs = { new: [] as number[], changed: [] as number[] };
  const peer = isInstalled("rsync") ? () => copyTree(source, copy) : undefined;
  for (let sample = 1; sample <= samples; sample += 1) {
    console.error(`sample ${sample} of ${samples}`);
    site.join();
    await site.level({ files: 0, bytes: 0 });
    tree.put(site.aside("new"));
    ours.new.push(await secondsOf(() => site.level(tree.totals)));
    mkdirSync(copy);
    if (peer !== undefined) theirs.new.push((await peer()) / 1_000);
    ours.changed.push(
      await secondsOf(() => {
        tree.change();
        return site.level(tree.totals);
      }),
    );
    if (peer !== undefined) theirs.changed.push((await peer()) / 1_000);
    await site.leave();
    ours.join.push(
      await secondsOf(() => {
        site.join();
        return site.level(tree.totals);
      }),
    );
    tree.remove();
    await site.level({ files: 0, bytes: 0 });
    await site.leave();
    rmSync(copy, { recursive: true });
  }
  const of = `${files} files of ${kilobytes} KB`;
  const beside = (times: readonly number[]) => (peer === undefined ? null : times);
  return [
    replicationRow({ what: `${of}, new`, unit: "s", peerName }, ours.new, beside(theirs.new)),
    replicationRow({ what: `${of}, one in a hundred changed`, unit: "s", peerName }, ours.changed, beside(theirs.changed)),
    replicationRow({ what: `${of}, a server joins`, unit: "s", peerName }, ours.join, beside(theirs.new)),
  ];
}

async function secondsOf(work: () => void | Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) / 1_000;
}
