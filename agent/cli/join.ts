import { Command } from "commander";
import { type PreflightResult, withOutcome } from "../../shared/domain/preflight/preflight-check.ts";
import { preflightReport } from "../../shared/domain/preflight/preflight-report.ts";
import { displayNameSchema } from "../../shared/protocol/id-schemas.ts";
import { AgentError } from "../agent-error.ts";
import { type EnrolledNode, readEnrolledNode } from "../cloud/enrolled-node.ts";
import { enrol, readToken } from "../cloud/enrolment.ts";
import { loadSettings } from "../config/load-settings.ts";
import { requireFreePorts } from "../link/free-ports.ts";
import { lookByToken } from "../preflight/look-at-control-plane.ts";
import { lookAtServer } from "../preflight/look-at-server.ts";
import { keepPreflight } from "../preflight/preflight-book.ts";
import { preflightCounts, preflightRefusal } from "../preflight/preflight-refusal.ts";
import { openDataDirectory } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

interface JoinOptions {
  readonly token: string;
  readonly config: string;
  readonly name?: string;
  readonly wait?: boolean;
  readonly despitePreflight?: boolean;
  readonly json?: boolean;
}

export function joinCommand(): Command {
  return new Command("join")
    .description("Makes this server a node of a cluster, with a join token from the console. A token enrols one node, once.")
    .requiredOption("--token <token>", "the join token, as the console shows it")
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--name <name>", "the node's name in the console; default: the setting name")
    .option("--wait", "where the licence has no room for this node: wait until it has, a day at most, and go on by itself")
    .option("--despite-preflight", "join although preflight checks have failed; the cluster's events tell so")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(join);
}

async function join({ token, config, name, wait = false, despitePreflight = false, json = false }: JoinOptions): Promise<void> {
  const settings = loadSettings(config);
  const nodeName = checkedName(name ?? settings.name);
  const paths = await openDataDirectory(settings.dataDir);
  const joinToken = readToken(token);
  const { clusterId } = joinToken;
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
    const results = await lookAtServer({ settings, member: null, isAgentRunning: false, askControlPlane: () => lookByToken(joinToken) });
    const refusal = preflightRefusal(results, "Then join again: the token has not been used. To join all the same: --despite-preflight.");
    if (refusal !== null && !despitePreflight) throw refusal;
    // The look has tried them; but an agent that cannot listen is nobody's node, whatever anybody says.
    if (despitePreflight) await requireFreePorts(settings);
    const despite = [...new Set(withOutcome(results, "fail").map(({ id }) => id))];
    // Before the node is one: nobody joins in spite of anything without its being told.
    await keepPreflight(paths.preflight, preflightReport(new Date().toISOString(), results, despite), despite.length > 0);
    const node = await enrol({ token, name: nodeName, settings, paths, waitsForLicence: wait, onWaiting: tellWaiting() });
    print(node, config, json, "is now a node of", results);
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

/** `results`: of the look at this server, where there was one. */
function print(node: EnrolledNode, config: string, json: boolean, is: string, results: readonly PreflightResult[] = []): void {
  const { nodeId, name, clusterId } = node;
  if (json) {
    const preflight = results.filter(({ outcome }) => outcome !== "ok");
    process.stdout.write(`${JSON.stringify({ nodeId, name, clusterId, ...(results.length === 0 ? {} : { preflight }) })}\n`);
    return;
  }
  const looked =
    results.length === 0 ? "" : `Preflight: ${preflightCounts(results)} (understudy agent preflight --config ${config} tells each).\n`;
  process.stdout.write(
    `${name} (${nodeId}) ${is} cluster ${clusterId}.\n${looked}Start its agent with: understudy agent run --config ${config}\n`,
  );
}
