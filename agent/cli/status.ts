import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { systemErrorCode } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { statusTable } from "./status-table.ts";

const watchIntervalMs = 1_000;
const clearScreen = "\u001B[H\u001B[2J";

interface StatusOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

export function statusCommand(): Command {
  return new Command("status")
    .description("What this server's agent knows: groups, peers, data sets, cloud.")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print JSON in place of tables; with --watch, one object a line")
    .option("--watch", `print again every ${watchIntervalMs / 1_000} s until Ctrl-C`)
    .addHelpText("after", exitCodeHelp())
    .action(status);
}

async function status({ config, json = false, watch = false }: StatusOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  if (!watch) return print(await client.status(), json ? 2 : null);
  process.stdout.once("error", endWithReader);
  for (;;) {
    if (!json) process.stdout.write(clearScreen);
    print(await client.status(), json ? 0 : null);
    await sleep(watchIntervalMs);
  }
}

/** Whoever read what is printed (`| head`) has seen enough. */
function endWithReader(error: Error): void {
  if (systemErrorCode(error) !== "EPIPE") throw error;
  process.exit(0);
}

/** `jsonIndent` null: tables. */
function print(status: AgentStatus, jsonIndent: number | null): void {
  process.stdout.write(`${jsonIndent === null ? statusTable(status) : JSON.stringify(status, null, jsonIndent)}\n`);
}
