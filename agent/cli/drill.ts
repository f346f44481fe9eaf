import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import type { GroupName } from "../../shared/domain/ids.ts";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { drillRefusal } from "../drills/drill-refusal.ts";
import type { DrillReport } from "../drills/drill-report.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { drillShown, drillTable } from "./drill-table.ts";
import { outlookTable } from "./switchover-dry-run.ts";

/** The agent ends every drill within less. */
const patienceMs = 60_000;
const pollMs = 100;
const nothingDone = "Mend what it names, then try again. Nothing was moved.";

interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

interface RunOptions extends CommonOptions {
  readonly group: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function drillCommand(): Command {
  return new Command("drill")
    .description(
      "Exercises of failover: a group is made to leave this node, and a report tells for how long its addresses were silent. Refused where no other node could take the group.",
    )
    .addCommand(
      askingCommand(
        "run",
        "begins one and waits for its end, at most 45 s. Run it on the node that holds the group. Ctrl-C ends it and mends what it had made fail",
      )
        .requiredOption("--group <group>", "the priority group")
        .addOption(new Option("--fail <what>", "what is made to fail on this node").choices(["health"]).default("health").conflicts("to"))
        .option("--to <node>", "hand it over to this node as planned, in place of making anything fail")
        .option("--dry-run", "move nothing: tell every reason for and against each node, and end with 0 where it would be begun")
        .option("--yes", "do not ask")
        .action(run),
    )
    .addCommand(askingCommand("list", "the reports of this node's drills, newest first").action(list));
}

async function list({ config, json = false }: CommonOptions): Promise<void> {
  const client = clientOf(config);
  const reports = await client.drills({ kind: "list" });
  const nameOf = await namesOf(client);
  process.stdout.write(`${json ? JSON.stringify(reports, null, 2) : drillTable(reports, nameOf)}\n`);
}

async function run(options: RunOptions): Promise<void> {
  const { config, group, to, dryRun = false, yes = false, json = false } = options;
  const client = clientOf(config);
  const outlook = await client.outlook(group);
  const { node } = await client.status();
  const refusal = drillRefusal(outlook, node.nodeId, to ?? null);
  if (dryRun)
    process.stdout.write(
      json ? `${JSON.stringify({ wouldBegin: refusal === null, refusal, ...outlook }, null, 2)}\n` : outlookTable(outlook),
    );
  if (refusal !== null) throw new AgentError("drill-failed", `No drill of group ${group} now: ${refusal}.`, nothingDone);
  if (dryRun) return void (json || process.stdout.write("\nThe drill would be begun. Nothing was moved.\n"));
  if (!yes) await confirm(group, node.name);
  const asked = { kind: "run", group: group as GroupName, ...(to === undefined ? {} : { to }) } as const;
  const [begun] = await client.drills(asked);
  if (begun === undefined) throw new Error("the agent has begun no drill");
  const report = await ended(client, begun.id);
  const nameOf = await namesOf(client);
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : drillShown(report, nameOf)}\n`);
  if (report.outcome === "completed") return;
  const nextStep = "What it had made fail is well again. See where the group is with: understudy agent status --config FILE.";
  throw new AgentError("drill-failed", `The drill of group ${group} failed: ${report.reason ?? "it is not over yet"}.`, nextStep);
}

async function confirm(group: string, here: string): Promise<void> {
  const what = `Group ${group} leaves ${here}, and is silent for a moment.`;
  if (!process.stdin.isTTY) throw new AgentError("drill-failed", `Nobody can be asked here: ${what}`, "Say --yes where that is meant.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what} Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new AgentError("drill-failed", "Not begun.", "Nothing was moved.");
}

/** Ctrl-C has the agent end it, and is no end of this command: its report is still told. */
async function ended(client: LocalClient, id: string): Promise<DrillReport> {
  const cancel = (): void => void client.drills({ kind: "cancel" });
  process.on("SIGINT", cancel).on("SIGTERM", cancel);
  try {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const report = (await client.drills({ kind: "list" })).find((one) => one.id === id);
      if (report === undefined) throw new Error("the agent does not know the drill any more");
      if (report.outcome !== "running" || performance.now() > untilMs) return report;
      await sleep(pollMs);
    }
  } finally {
    process.off("SIGINT", cancel).off("SIGTERM", cancel);
  }
}

async function namesOf(client: LocalClient): Promise<(node: string | null) => string> {
  const { node, peers } = await client.status();
  const names = new Map<string, string>([node, ...peers].map(({ nodeId, name }) => [nodeId, name]));
  return (id) => (id === null ? "-" : (names.get(id) ?? id));
}

function clientOf(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}
