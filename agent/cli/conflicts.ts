import { Argument, Command } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { type ConflictDetail, type ConflictLine, conflictLinesMax } from "../replication/conflict-record.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { comparison, conflictTable } from "./conflict-tables.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
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
}

export function conflictsCommand(): Command {
  return new Command("conflicts")
    .description(
      "What lost where two servers had written the same apart: which write stands, what the other one was, and a way to have it back.",
    )
    .addCommand(
      common("list", "the journal of this node, newest first")
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
        .action(reapply),
    );
}

function common(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--data-set <name>", "the data set; needed where a number is asked for and there are several")
    .option("--json", "print the result as JSON")
    .addHelpText("after", exitCodeHelp());
}

function number(): Argument {
  return new Argument("<number>", "its number in the list").argParser(wholeNumber());
}

async function list({ config, dataSet, before, limit, json = false }: ListOptions): Promise<void> {
  const lines = (await client(config).conflicts({
    kind: "list",
    ...(dataSet === undefined ? {} : { dataSet }),
    ...(before === undefined ? {} : { before }),
    limit,
  })) as readonly ConflictLine[];
  process.stdout.write(`${json ? JSON.stringify(lines, null, 2) : conflictTable(lines)}\n`);
}

async function show(id: number, { config, dataSet, json = false }: CommonOptions): Promise<void> {
  const detail = (await client(config).conflicts({ kind: "show", ...(dataSet === undefined ? {} : { dataSet }), id })) as ConflictDetail;
  process.stdout.write(`${json ? JSON.stringify(detail, null, 2) : comparison(detail)}\n`);
}

async function reapply(id: number, { config, dataSet, json = false }: CommonOptions): Promise<void> {
  const request = { kind: "reapply", ...(dataSet === undefined ? {} : { dataSet }), id } as const;
  const detail = (await client(config).conflicts(request)) as ConflictDetail;
  const said = `Conflict ${id} of data set ${detail.dataSet} is settled the other way: what had lost is written again, and every node takes it.`;
  process.stdout.write(json ? `${JSON.stringify(detail, null, 2)}\n` : `${said}\n\n${comparison(detail)}\n`);
}

function client(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}
