import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

/** A peer that is heard at all knows it within two heartbeats. */
const patienceMs = 5_000;
const pollMs = 50;

interface ReadmitOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function readmitCommand(): Command {
  return new Command("readmit")
    .description(
      "Ends the quarantine of this server, which has left without a word too often. For when its fault has been found and mended.",
    )
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(readmit);
}

async function readmit({ config, json = false }: ReadmitOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const before = (await client.status()).node;
  await client.readmit();
  const untilMs = performance.now() + patienceMs;
  while ((await client.status()).node.quarantinedForMs > 0) {
    if (performance.now() > untilMs) {
      const nextStep =
        "See which peers it hears with: understudy agent status --config FILE. Its word stands for those that hear it later.";
      throw new AgentError("readmit-failed", `The peers of ${before.name} still hold it in quarantine.`, nextStep);
    }
    await sleep(pollMs);
  }
  const wasQuarantined = before.quarantinedForMs > 0;
  if (json) process.stdout.write(`${JSON.stringify({ nodeId: before.nodeId, wasQuarantined })}\n`);
  else
    process.stdout.write(
      `${before.name} ${wasQuarantined ? "may take groups again" : "was not in quarantine; earlier leaves are forgotten"}.\n`,
    );
}
