import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { FilesRequest } from "../files/files-request.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { filesTable, verificationTable } from "./files-table.ts";

interface FilesOptions {
  readonly config: string;
  readonly dataSet?: string;
  readonly json?: boolean;
}

export function filesCommand(): Command {
  return new Command("files")
    .description("The data sets of files on this node: whose tree it follows, how far it is behind, what is left out and why.")
    .addCommand(common("status", "how each tree stands: files and bytes behind, what was set aside, what is refused").action(status))
    .addCommand(
      common("verify", "reads every file and compares it with what the writer has published; ends with 25 where something differs").action(
        verify,
      ),
    );
}

function common(name: string, description: string): Command {
  return askingCommand(name, description).option("--data-set <name>", "only this one");
}

async function status(options: FilesOptions): Promise<void> {
  const answer = await ask("status", options);
  process.stdout.write(`${options.json === true ? JSON.stringify(answer, null, 2) : filesTable(answer)}\n`);
}

async function verify(options: FilesOptions): Promise<void> {
  const answer = await ask("verify", options);
  process.stdout.write(`${options.json === true ? JSON.stringify(answer, null, 2) : verificationTable(answer)}\n`);
  const differences = answer.reduce((sum, { verification }) => sum + (verification?.differences ?? 0), 0);
  if (differences === 0) return;
  throw new AgentError(
    "files-failed",
    `${differences} paths are not as their writer has published them.`,
    "Where the tree is being changed or fetched that passes: look again. What stays is named above.",
  );
}

function ask(kind: FilesRequest["kind"], { config, dataSet }: FilesOptions) {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  return client.files({ kind, ...(dataSet === undefined ? {} : { dataSet }) });
}
