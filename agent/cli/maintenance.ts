import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

/** A planned stop and its drain, and a little more. */
const patienceMs = 20_000;
const pollMs = 100;

interface MaintenanceOptions {
  readonly config: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export function maintenanceCommand(): Command {
  return new Command("maintenance")
    .description(
      "While somebody works on this server it takes no group, and gives away as planned what it holds; where no other node can take a group, it stays. Lasts over restarts, until it is ended.",
    )
    .addArgument(new Argument("<state>", "whether it begins or ends").choices(["on", "off"]))
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--reason <text>", "why, for the others; needed to begin it")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(maintenance);
}

async function maintenance(state: "on" | "off", { config, reason, json = false }: MaintenanceOptions): Promise<void> {
  if (state === "on" && reason === undefined)
    throw new AgentError("maintenance-failed", "Maintenance needs a reason.", 'Say why, for the others: --reason "new disk".');
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  await client.maintenance(state === "on" ? (reason ?? null) : null);
  const status = state === "on" ? await withoutGroups(client) : await client.status();
  const kept = heldBy(status);
  if (json) return void process.stdout.write(`${JSON.stringify({ maintenance: status.maintenance, groupsHeld: kept })}\n`);
  if (status.maintenance === null) return void process.stdout.write(`${status.node.name} is not in maintenance: it may take groups.\n`);
  const stay = kept.map((group) => `Group ${group} stays on it: no other node can take it now, and it goes as soon as one can.\n`);
  process.stdout.write([`${status.node.name} is in maintenance: ${status.maintenance.reason}.\n`, ...stay].join(""));
}

/** Waits until every group that another node can take has gone. */
async function withoutGroups(client: LocalClient): Promise<AgentStatus> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const status = await client.status();
    const isSettled = status.groups.every(({ holder, state }) => holder !== status.node.nodeId || state === "operational");
    const isTried = heldBy(status).length === 0 || (isSettled && (await isAlone(client, status)));
    if (isTried || performance.now() > untilMs) return status;
    await sleep(pollMs);
  }
}

/** Whether nobody else can take any of the groups that are still here. */
async function isAlone(client: LocalClient, status: AgentStatus): Promise<boolean> {
  for (const group of heldBy(status)) {
    const { nodes } = await client.outlook(group);
    if (nodes.some(({ node, refusal }) => node !== status.node.nodeId && refusal === null)) return false;
  }
  return true;
}

function heldBy({ node, groups }: AgentStatus): readonly string[] {
  return groups.filter(({ holder }) => holder === node.nodeId).map(({ name }) => name);
}
