import type { Command } from "commander";
import { AgentError, systemErrorCode } from "../agent-error.ts";
import { type EnrolledNode, readEnrolledNode } from "../cloud/enrolled-node.ts";
import { readToken } from "../cloud/enrolment.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { loadSettings } from "../config/load-settings.ts";
import { lookByEnrolment, lookByToken } from "../preflight/look-at-control-plane.ts";
import { lookAtServer } from "../preflight/look-at-server.ts";
import { preflightRefusal } from "../preflight/preflight-refusal.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { askingCommand } from "./asking-command.ts";
import { preflightTable } from "./preflight-table.ts";
import { storedDocument } from "./stored-document.ts";

interface PreflightOptions {
  readonly config: string;
  readonly token?: string;
  readonly json?: boolean;
}

export function preflightCommand(): Command {
  return askingCommand(
    "preflight",
    "Whether this server is fit to be a node: addresses, ports, names, clock, disks, databases, kernel and tools. Changes nothing, and needs no agent that runs. Call it as the agent's user.",
  )
    .option("--token <token>", "a join token: the control plane that it names is asked too, and the token stays good")
    .action(preflight);
}

async function preflight({ config, token, json = false }: PreflightOptions): Promise<void> {
  const settings = loadSettings(config);
  const joinToken = token === undefined ? null : readToken(token);
  const enrolled = await enrolledHere(settings);
  const askControlPlane = joinToken !== null ? () => lookByToken(joinToken) : enrolled !== null ? () => lookByEnrolment(enrolled) : null;
  const results = await lookAtServer({
    settings,
    member: enrolled === null ? null : { nodeId: enrolled.nodeId, document: (await storedDocument(settings)).document },
    isAgentRunning: await isAgentRunning(settings),
    askControlPlane,
  });
  process.stdout.write(`${json ? JSON.stringify({ results }, null, 2) : preflightTable(results)}\n`);
  const refusal = preflightRefusal(results, "Then ask again.", "preflight-failed");
  if (refusal !== null) throw refusal;
}

/** Null where it has not joined, or its directory cannot be read: the checks tell the second. */
async function enrolledHere({ dataDir }: AgentSettings): Promise<EnrolledNode | null> {
  try {
    return await readEnrolledNode(dataPaths(dataDir).identity);
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

async function isAgentRunning({ dataDir }: AgentSettings): Promise<boolean> {
  try {
    const lock = await lockDataDirectory(dataDir);
    await lock.release();
    return false;
  } catch (error) {
    if (error instanceof AgentError && error.code === "already-running") return true;
    if (systemErrorCode(error) === "ENOENT" || isUnreadable(error)) return false;
    throw error;
  }
}

function isUnreadable(error: unknown): boolean {
  return ["EACCES", "EPERM", "ENOTDIR"].includes(systemErrorCode(error) ?? "");
}
