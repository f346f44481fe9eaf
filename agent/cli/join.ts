import { Command } from "commander";
import { displayNameSchema } from "../../shared/protocol/id-schemas.ts";
import { AgentError } from "../agent-error.ts";
import { type EnrolledNode, readEnrolledNode } from "../cloud/enrolled-node.ts";
import { enrol, readToken } from "../cloud/enrolment.ts";
import { loadSettings } from "../config/load-settings.ts";
import { requireFreePorts } from "../link/free-ports.ts";
import { openDataDirectory } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

interface JoinOptions {
  readonly token: string;
  readonly config: string;
  readonly name?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function joinCommand(): Command {
  return new Command("join")
    .description("Makes this server a node of a cluster, with a join token from the console. A token enrols one node, once.")
    .requiredOption("--token <token>", "the join token, as the console shows it")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--name <name>", "the node's name in the console; default: the setting name")
    .option("--wait", "where the licence has no room for this node: wait until it has, a day at most, and go on by itself")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(join);
}

async function join({ token, config, name, wait = false, json = false }: JoinOptions): Promise<void> {
  const settings = loadSettings(config);
  const nodeName = checkedName(name ?? settings.name);
  const paths = await openDataDirectory(settings.dataDir);
  const { clusterId } = readToken(token);
  const known = await readEnrolledNode(paths.identity);
  if (known !== null) {
    if (known.clusterId === clusterId) return print(known, config, json, "is already a node of");
    const nextStep = "To move it, remove it in the console, empty its data directory and join it again.";
    throw new AgentError(
      "enrolled-elsewhere",
      `This server is already node ${known.name} of cluster ${known.clusterId}; the token is for ${clusterId}.`,
      nextStep,
    );
  }
  const lock = await lockDataDirectory(settings.dataDir);
  try {
    await requireFreePorts(settings);
    const node = await enrol({ token, name: nodeName, settings, paths, waitsForLicence: wait, onWaiting: tellWaiting() });
    print(node, config, json, "is now a node of");
  } finally {
    await lock.release();
  }
}

/** Each thing that is waited for is told once, however long it takes. */
function tellWaiting(): (what: string) => void {
  let last = "";
  return (what) => {
    if (what !== last) process.stderr.write(`${what} Waiting to try again ...\n`);
    last = what;
  };
}

function checkedName(name: string): string {
  const parsed = displayNameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new AgentError(
    "bad-settings",
    `The name ${JSON.stringify(name)} ${parsed.error.issues[0]?.message ?? "is not valid"}.`,
    "Give another one with --name.",
  );
}

function print(node: EnrolledNode, config: string, json: boolean, is: string): void {
  const { nodeId, name, clusterId } = node;
  if (json) process.stdout.write(`${JSON.stringify({ nodeId, name, clusterId })}\n`);
  else
    process.stdout.write(
      `${name} (${nodeId}) ${is} cluster ${clusterId}.\nStart its agent with: understudy agent run --config ${config}\n`,
    );
}
