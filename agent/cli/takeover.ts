import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

const patienceMs = 60_000;
const pollMs = 100;

interface TakeoverOptions {
  readonly config: string;
  readonly group: string;
  readonly reason: string;
  readonly json?: boolean;
}

export function takeoverCommand(): Command {
  return new Command("takeover")
    .description(
      "Has this server, one of two with whenAlone survivor or probe, go on alone. Only where the other one is surely down: its power is off, or its cable is out. If it still runs, the group runs twice until the two hear each other; then the other one stops.",
    )
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .requiredOption("--group <group>", "the priority group")
    .requiredOption("--reason <text>", "how you know that the other one is down; it is kept with the event")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(takeover);
}

async function takeover({ config, group, reason, json = false }: TakeoverOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const startedMs = performance.now();
  const refusal = await client.takeover(group, reason);
  if (refusal !== null) throw new AgentError("takeover-failed", `The agent refused: ${refusal}.`, "Do what it names, then try again.");
  while (performance.now() - startedMs < patienceMs) {
    const { node, groups } = await client.status();
    const line = groups.find(({ name }) => name === group);
    if (line?.state === "operational") {
      const tookMs = Math.round(performance.now() - startedMs);
      if (json) process.stdout.write(`${JSON.stringify({ group, holder: node.nodeId, epoch: line.epoch, tookMs })}\n`);
      else process.stdout.write(`Group ${group} is on ${node.name} (epoch ${line.epoch}) after ${tookMs} ms.\n`);
      return;
    }
    await sleep(pollMs);
  }
  throw new AgentError(
    "takeover-failed",
    `Group ${group} did not start within ${patienceMs / 1_000} s.`,
    "See why with: understudy agent status --config FILE. This node may go on alone, and goes on trying.",
  );
}
