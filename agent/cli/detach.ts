import { Command } from "commander";
import { usFromMs } from "../../shared/domain/time.ts";
import { AgentError } from "../agent-error.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { identify, isStillRunning } from "../resources/marked-processes.ts";
import { holdsBy, monotonicUs } from "../resources/monotonic.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

const patienceMs = 15_000;
const pollMs = 20;

export function detachCommand(): Command {
  return new Command("detach")
    .description(
      "Ends the agent and leaves what it runs as it is, for a restart or an upgrade: services, addresses and the guardian go on, and the next `agent run` goes on with them. Where none comes in time, the guardian takes everything down, and another node takes over.",
    )
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", exitCodeHelp())
    .action(detach);
}

async function detach({ config, json = false }: { readonly config: string; readonly json?: boolean }): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const { node } = await client.status();
  const agent = identify(node.pid);
  const answer = await client.detach();
  if ("refusal" in answer) {
    const nextStep = "Nothing has changed. Mend what it names, then try again; or end the agent with SIGTERM, which hands its groups over.";
    throw new AgentError("detach-refused", `The agent cannot leave its resources now: ${answer.refusal}.`, nextStep);
  }
  const endsByUs = monotonicUs() + usFromMs(patienceMs);
  const hasEnded = await holdsBy(
    () => endsByUs,
    pollMs,
    () => agent === null || !isStillRunning(agent),
  );
  if (!hasEnded) throw notEnded(node.pid);
  const { backWithinMs } = answer;
  if (json) process.stdout.write(`${JSON.stringify({ backWithinMs, incarnation: node.incarnation })}\n`);
  else
    process.stdout.write(
      `The agent has ended and its resources run on. Start it again within ${(backWithinMs / 1_000).toFixed(1)} s: understudy agent run --config ${config}\n`,
    );
}

function notEnded(pid: number): AgentError {
  const nextStep = `End it with kill -9 ${pid} and start the agent again: it goes on with what runs.`;
  return new AgentError("detach-refused", `The agent has left its resources, but process ${pid} does not end.`, nextStep);
}
