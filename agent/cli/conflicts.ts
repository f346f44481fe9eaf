import { Argument, Command, Option } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { type ConflictDetail, type ConflictLine, conflictLinesMax } from "../replication/conflict-record.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { comparison, conflictTable, shown } from "./conflict-tables.ts";
import { wholeNumber } from "./whole-number.ts";

const linesWanted = 50;

interface CommonOptions {
  readonly config: string;
  readonly dataSet?: string;
  readonly json?: boolean;
}

interface ListOptions extends CommonOptions {
  readonly before?: number;
  readonly limit: number;
  readonly open?: boolean;
}

interface ReapplyOptions extends CommonOptions {
  readonly newKey?: boolean;
}

interface ResolveOptions extends CommonOptions {
  readonly keep?: boolean;
  readonly take?: boolean;
}

export function conflictsCommand(): Command {
  return new Command("conflicts")
    .description(
      "What lost where two servers had written the same apart: which write stands, what the other one was, and a way to have it back. Where a table's policy is `manual`, somebody decides here.",
    )
    .addCommand(
      common("list", "the journal of this node, newest first")
        .option("--open", "only those that wait for somebody's decision")
        .option("--before <number>", "only conflicts with a lower number, for the next page", wholeNumber())
        .option("--limit <lines>", `how many lines, at most ${conflictLinesMax}`, wholeNumber(conflictLinesMax), linesWanted)
        .action(list),
    )
    .addCommand(
      common("show", "one conflict: what won, what lost, and what stands now, column by column").addArgument(number()).action(show),
    )
    .addCommand(
      common("reapply", "writes the loser again, as an application would: on all nodes it becomes the row that stands")
        .addArgument(number())
        .option("--new-key", "as a row of its own, with a key that the table generates: where two servers had given two rows one key")
        .action(reapply),
    )
    .addCommand(
      common("resolve", "decides a conflict that waits: on all nodes, and with it whatever else waits of the same row")
        .addArgument(number())
        .addOption(new Option("--keep", "the row that stands").conflicts("take"))
        .option("--take", "the one that lost, in its place")
        .action(resolve),
    );
}

function common(name: string, description: string): Command {
  return askingCommand(name, description).option(
    "--data-set <name>",
    "the data set; needed where a number is asked for and there are several",
  );
}

function number(): Argument {
  return new Argument("<number>", "its number in the list").argParser(wholeNumber());
}

async function list({ config, dataSet, before, limit, open, json = false }: ListOptions): Promise<void> {
  const lines = (await client(config).conflicts({
    kind: "list",
    ...(dataSet === undefined ? {} : { dataSet }),
    ...(before === undefined ? {} : { before }),
    limit,
    ...(open === undefined ? {} : { open }),
  })) as readonly ConflictLine[];
  process.stdout.write(`${json ? JSON.stringify(lines, null, 2) : conflictTable(lines)}\n`);
}

async function show(id: number, { config, dataSet, json = false }: CommonOptions): Promise<void> {
  const detail = (await client(config).conflicts({ kind: "show", ...(dataSet === undefined ? {} : { dataSet }), id })) as ConflictDetail;
  process.stdout.write(`${json ? JSON.stringify(detail, null, 2) : comparison(detail)}\n`);
}

async function reapply(id: number, { config, dataSet, newKey, json = false }: ReapplyOptions): Promise<void> {
  const request = {
    kind: "reapply",
    ...(dataSet === undefined ? {} : { dataSet }),
    id,
    ...(newKey === undefined ? {} : { newKey }),
  } as const;
  const detail = (await client(config).conflicts(request)) as ConflictDetail;
  const { reappliedAs } = detail;
  const said =
    reappliedAs === null
      ? `Conflict ${id} of data set ${detail.dataSet} is settled the other way: what had lost is written again, and every node takes it.`
      : `What had lost in conflict ${id} of data set ${detail.dataSet} is a row of its own now, with the key ${shown(reappliedAs)}, and every node takes it.`;
  tell(said, detail, json);
}

async function resolve(
  id: number,
  { config, dataSet, keep = false, take = false, json = false }: ResolveOptions,
  command: Command,
): Promise<void> {
  if (keep === take) command.error("error: say what stands from now on: --keep or --take.");
  const decision = take ? "take" : "keep";
  const request = { kind: "resolve", ...(dataSet === undefined ? {} : { dataSet }), id, decision } as const;
  const detail = (await client(config).conflicts(request)) as ConflictDetail;
  const said = take ? "what had lost takes the row's place" : "the row that stands is kept";
  tell(`Conflict ${id} of data set ${detail.dataSet} is decided: ${said}, and every node is told.`, detail, json);
}

function tell(said: string, detail: ConflictDetail, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(detail, null, 2)}\n` : `${said}\n\n${comparison(detail)}\n`);
}

function client(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}
