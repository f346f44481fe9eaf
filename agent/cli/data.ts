import { Command } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import type { DataAnswer, DataRequest } from "../replication/data-request.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { dataSaid } from "./data-said.ts";
import { driftCommand } from "./drift.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

interface DataOptions {
  readonly config: string;
  readonly dataSet?: string;
  readonly json?: boolean;
}

export function dataCommand(): Command {
  return new Command("data")
    .description(
      "What stood in a data set's file before this node took the others' data, and a way to have it back; whether its rows are the others'.",
    )
    .addCommand(common("backups", "what was replaced on this node, newest first; the newest three are kept"))
    .addCommand(
      common(
        "undo",
        "puts back what was replaced last, but for local tables; from then on this node takes no part in the data set. Stop its application before",
      ),
    )
    .addCommand(common("rejoin", "takes part in the data set again: takes a copy from the others, and keeps what it replaces"))
    .addCommand(
      driftCommand("compare", "compares every row with every other node's, now; ends with 26 where rows are not the same on all nodes"),
    )
    .addCommand(
      driftCommand(
        "repair",
        "compares, and puts right what is wrong on this node; where members are away, by what those have that are here. What is replaced goes to the conflict journal",
      ),
    );
}

function common(kind: DataRequest["kind"], description: string): Command {
  return new Command(kind)
    .description(description)
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--data-set <name>", "the data set; needed where there are several")
    .option("--json", "print the result as JSON")
    .addHelpText("after", exitCodeHelp())
    .action((options: DataOptions) => ask(kind, options));
}

async function ask(kind: DataRequest["kind"], { config, dataSet, json = false }: DataOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const answer: DataAnswer = await client.data({ kind, ...(dataSet === undefined ? {} : { dataSet }) });
  process.stdout.write(`${json ? JSON.stringify(answer, null, 2) : dataSaid(kind, answer, new Date())}\n`);
}
