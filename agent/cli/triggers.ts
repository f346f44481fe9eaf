import { Command, InvalidArgumentError } from "commander";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { sentLinesMax } from "../triggers/triggers-request.ts";
import { askingCommand } from "./asking-command.ts";
import { sentTable, triggerTable } from "./trigger-tables.ts";
import { wholeNumber } from "./whole-number.ts";

interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function triggersCommand(): Command {
  return new Command("triggers")
    .description("What the holders of groups do when something occurs: a schedule, a request, an event. Declared in the cluster document.")
    .addCommand(askingCommand("list", "the triggers, who runs them, and what of this node's settings is missing for them").action(list))
    .addCommand(
      askingCommand("log", "what was sent, by which server and how often; the same on every node, and kept when a node is removed")
        .option("--trigger <name>", "only of this one")
        .option(
          "--before <time>",
          "only what was due before it, as 2026-11-22T10:00:00Z: with the time of the last line, the next ones",
          instant,
        )
        .option("--limit <count>", `so many at most, the newest, up to ${sentLinesMax}`, wholeNumber(sentLinesMax), 50)
        .action(log),
    )
    .addCommand(
      askingCommand("run <name>", "sets a trigger off now; on the node that holds its group")
        .option("--dry-run", "send nothing: tell what would stand in the way, and end with 0 where nothing does")
        .action(run),
    );
}

async function list({ config, json }: CommonOptions): Promise<void> {
  const answer = await client(config).triggers({ kind: "list" });
  if (answer.kind === "list") print(json, answer.triggers, triggerTable(answer.triggers));
}

interface LogOptions extends CommonOptions {
  readonly limit: number;
  readonly trigger?: string;
  readonly before?: string;
}

async function log({ config, json, limit, trigger, before }: LogOptions): Promise<void> {
  const answer = await client(config).triggers({
    kind: "log",
    limit,
    ...(trigger === undefined ? {} : { trigger }),
    ...(before === undefined ? {} : { before }),
  });
  if (answer.kind === "log") print(json, answer.sent, sentTable(answer.sent));
}

async function run(name: string, { config, json, dryRun = false }: CommonOptions & { readonly dryRun?: boolean }): Promise<void> {
  if (dryRun) return examine(name, config, json);
  const answer = await client(config).triggers({ kind: "run", trigger: name });
  if (answer.kind !== "run") return;
  const where = answer.isReplicated ? "another node has it noted as well" : "no other node has it noted yet";
  print(json, answer, `Trigger ${name} is set off: ${answer.occurrence}; ${where}. See what came of it: understudy agent triggers log.`);
}

async function examine(name: string, config: string, json: boolean | undefined): Promise<void> {
  const answer = await client(config).triggers({ kind: "examine", trigger: name });
  if (answer.kind !== "examine") return;
  print(json, answer.trigger, triggerTable([answer.trigger]));
  const missing = answer.trigger.actions.flatMap(({ name: action, problem }) => (problem === null ? [] : [`${action}: ${problem}`]));
  if (missing.length > 0)
    throw new AgentError(
      "trigger-failed",
      `Trigger ${name} could not do all: ${missing.join("; ")}.`,
      "Mend this node's settings. Nothing was sent.",
    );
}

/** An option's parser: an instant, as ISO 8601 UTC. */
function instant(value: string): string {
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Give a time as 2026-11-22T10:00:00Z.");
  return new Date(ms).toISOString();
}

function client(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}

function print(json: boolean | undefined, body: unknown, said: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(body, null, 2) : said}\n`);
}
