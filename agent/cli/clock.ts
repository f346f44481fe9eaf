import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { clockTable } from "./ring-tables.ts";

interface ClockOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function clockCommand(): Command {
  return new Command("clock")
    .description("This server's clock against the others', and what waits since it is in doubt.")
    .addCommand(askingCommand("show", "How far the nodes' clocks differ, as this one has measured it.").action(show))
    .addCommand(
      askingCommand(
        "release",
        "Lets go what this server has written since its clock is in doubt, and what it writes until that is over. It goes out under times by the clock that the others go by.",
      ).action(release),
    );
}

async function show({ config, json = false }: ClockOptions): Promise<void> {
  const status = await clientOf(config).status();
  const { clock } = ringOf(status);
  process.stdout.write(json ? `${JSON.stringify(clock)}\n` : `${clockTable(status)}\n`);
}

async function release({ config, json = false }: ClockOptions): Promise<void> {
  const client = clientOf(config);
  const { dataSets } = await client.status();
  const changes = dataSets.reduce((sum, { withheld = 0 }) => sum + withheld, 0);
  await client.releaseWithheld();
  if (json) process.stdout.write(`${JSON.stringify({ changes })}\n`);
  else process.stdout.write(`${changes} changes that waited go out, and so does what is written until the clock is right.\n`);
}

function clientOf(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}

function ringOf({ ring }: AgentStatus): NonNullable<AgentStatus["ring"]> {
  if (ring !== null) return ring;
  throw new AgentError(
    "clock-refused",
    "This agent replicates nothing, or not yet: it knows no clocks.",
    "Ask a node that has data, or in a moment.",
  );
}
