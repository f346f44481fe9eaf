import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { NodeId } from "../../shared/domain/ids.ts";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { GroupLine } from "../local/agent-status.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { switchoverDryRun } from "./switchover-dry-run.ts";

const patienceMs = 60_000;
const pollMs = 100;

interface SwitchoverOptions {
  readonly config: string;
  readonly group: string;
  readonly to: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function switchoverCommand(): Command {
  return new Command("switchover")
    .description(
      "Hands a group over to another node, as planned: the target has every change before it starts. Run it on the node that holds the group.",
    )
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .requiredOption("--group <group>", "the priority group")
    .requiredOption("--to <node>", "name or id of the node that shall hold it")
    .option("--dry-run", "move nothing: tell every reason for and against each node, and end with 0 where it would be begun")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(switchover);
}

async function switchover({ config, group, to, dryRun = false, json = false }: SwitchoverOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  if (dryRun) return switchoverDryRun(client, group, to, json);
  const startedMs = performance.now();
  const refusal = await client.switchover(group, to);
  if (refusal !== null) throw new AgentError("switchover-failed", `The agent refused: ${refusal}.`, "Mend what it names, then try again.");
  while (performance.now() - startedMs < patienceMs) {
    const { node, groups } = await client.status();
    const line = groups.find(({ name }) => name === group);
    if (line !== undefined && isHeldBy(line, to)) return print(line, Math.round(performance.now() - startedMs), json);
    if (line !== undefined && line.holder !== null) failIfSettled(line, node.nodeId);
    await sleep(pollMs);
  }
  const nextStep =
    "Ask both nodes with: understudy agent status --config FILE. The group is where the table says; nothing was left half done.";
  throw new AgentError("switchover-failed", `Group ${group} was not on ${to} after ${patienceMs / 1_000} s.`, nextStep);
}

/** It had begun: where the group is held again by anybody, that is how it ended. Handing over counts as holding. */
function failIfSettled({ name, holder, holderName, state, reason }: GroupLine, here: NodeId): void {
  if (holder === here && state !== "operational") return;
  const outcome = holder === here ? `stays on ${holderName}: ${reason}` : `went to ${holderName} instead: this node had to let it go`;
  throw new AgentError("switchover-failed", `Group ${name} ${outcome}.`, "Mend what it names, then try again.");
}

function isHeldBy({ holder, holderName }: GroupLine, to: string): boolean {
  return holder !== null && (holder === to || holderName === to);
}

function print({ name, epoch, holder, holderName }: GroupLine, tookMs: number, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ group: name, holder, epoch, tookMs })}\n`);
  else process.stdout.write(`Group ${name} is on ${holderName ?? holder} (epoch ${epoch}) after ${tookMs} ms.\n`);
}
