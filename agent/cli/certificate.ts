import { Command } from "commander";
import { AgentError } from "../agent-error.ts";
import { requireEnrolledNode } from "../cloud/enrolled-node.ts";
import { renewIdentity } from "../cloud/renew-identity.ts";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import type { CertificateStanding } from "../node/certificate-keeper.ts";
import { dataPaths, openDataDirectory } from "../storage/data-directory.ts";
import { lockDataDirectory } from "../storage/data-directory-lock.ts";
import { askingCommand } from "./asking-command.ts";
import { exitCodeHelp } from "./exit-code-help.ts";
import { table } from "./table.ts";

interface AskOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function certificateCommand(): Command {
  return new Command("certificate")
    .description(
      "The key and certificate by which the others know this node. The agent renews both by itself after two thirds of their life.",
    )
    .addCommand(askingCommand("show", "Until when they are good, and when they are renewed.").action(show))
    .addCommand(
      askingCommand(
        "rotate",
        "Makes a new key and certificate now. Nothing stops for it: both count until everybody knows the new one.",
      ).action(rotate),
    )
    .addCommand(
      new Command("renew")
        .description(
          "Gives a node whose certificate has expired, or whose key is lost, another one: with a token that was made for this very node. The agent must not run.",
        )
        .requiredOption("--token <token>", "a token for this node, from the console")
        .requiredOption("--config <file>", "the node's settings (YAML)")
        .option("--json", "print the result as JSON")
        .addHelpText("after", exitCodeHelp())
        .action(renew),
    );
}

async function show({ config, json = false }: AskOptions): Promise<void> {
  const { certificate } = await client(config).status();
  print(certificate, json);
}

async function rotate({ config, json = false }: AskOptions): Promise<void> {
  print(await client(config).rotateCertificate(), json);
}

async function renew({ token, config, json = false }: AskOptions & { readonly token: string }): Promise<void> {
  const settings = loadSettings(config);
  const paths = await openDataDirectory(settings.dataDir);
  const node = await requireEnrolledNode(paths.identity);
  const lock = await lockDataDirectory(settings.dataDir);
  try {
    const { certificateSha256 } = await renewIdentity({ token, settings, paths, node });
    const { nodeId, name } = node;
    if (json) process.stdout.write(`${JSON.stringify({ nodeId, name, certificateSha256 })}\n`);
    else
      process.stdout.write(`${name} (${nodeId}) has another certificate.\nStart its agent with: understudy agent run --config ${config}\n`);
  } finally {
    await lock.release();
  }
}

function client(config: string): LocalClient {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket);
}

function print(standing: CertificateStanding, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(standing)}\n` : `${inWords(standing)}\n`);
  const { until } = standing;
  if (Date.parse(until) > Date.now()) return;
  throw new AgentError(
    "certificate-failed",
    `The certificate has expired, at ${until}: the control plane takes nothing from this node.`,
    "Make a token for this node in the console, stop its agent, and run: understudy agent certificate renew --token TOKEN --config FILE",
  );
}

function inWords({ sha256, from, until, renewsAt, next, problem }: CertificateStanding): string {
  const nextWords = next === null ? "none" : `${next.sha256} (${next.isNamed ? "in use" : "asked for"})`;
  const rows = [
    ["good from", from],
    ["good until", until],
    ["renewed at", renewsAt],
    ["next", nextWords],
    ...(problem === null ? [] : [["not renewed yet", problem]]),
  ];
  return table(["SHA-256", sha256], rows);
}
