import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import type { DriftRequest } from "../compare/drift-request.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { driftSaid } from "./drift-table.ts";
import { exitCodeHelp } from "./exit-code-help.ts";

interface DriftOptions {
  readonly config: string;
  readonly dataSet?: string;
  readonly json?: boolean;
}

/** Part of `understudy agent data`. */
export function driftCommand(kind: DriftRequest["kind"], description: string): Command {
  return new Command(kind)
    .description(description)
    .requiredOption("--config <file>", "the node's settings (YAML)")
    .option("--data-set <name>", "only this one")
    .option("--json", "print the result as JSON")
    .addHelpText("after", exitCodeHelp())
    .action((options: DriftOptions) => run(kind, options));
}

async function run(kind: DriftRequest["kind"], { config, dataSet, json = false }: DriftOptions): Promise<void> {
  const client = new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
  const answer = await client.drift({ kind, ...(dataSet === undefined ? {} : { dataSet }) });
  const { peers, node } = json ? { peers: [], node: undefined } : await client.status();
  const names = new Map([...peers, ...(node === undefined ? [] : [node])].map(({ nodeId, name }) => [nodeId as string, name]));
  process.stdout.write(`${json ? JSON.stringify(answer, null, 2) : driftSaid(answer, (id) => names.get(id) ?? id)}\n`);
  const left = answer.drifts.reduce((sum, { rows, repaired }) => sum + rows - repaired, 0);
  if (left > 0) {
    throw new AgentError(
      "data-drifted",
      `${left} rows are not the same on all nodes.`,
      "Rows that are wrong here: understudy agent data repair. Rows that are right here are put right where they are wrong.",
    );
  }
  const problem = answer.compared.find((one) => one.problem !== null);
  if (problem === undefined) return;
  throw new AgentError(
    "data-refused",
    `Data set ${problem.dataSet} was not compared with every node: ${problem.problem}.`,
    "Mend what it names, then try again.",
  );
}
