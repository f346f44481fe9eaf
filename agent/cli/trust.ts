import { Command } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { LocalClient } from "../local/local-client.ts";
import type { TrustAnswer, TrustRequest } from "../local/trust-request.ts";
import { dataPaths } from "../storage/data-directory.ts";
import { askingCommand } from "./asking-command.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";
import { wholeNumber } from "./whole-number.ts";

interface TrustOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function trustCommand(): Command {
  return new Command("trust")
    .description(
      "Which cluster document this server goes by. One that turns the cluster over within a day, or puts a node outside its own networks, waits for somebody's word here, whoever has signed it.",
    )
    .addCommand(askingCommand("show", "the version in force, whom this server has known for a day, and what waits").action(show))
    .addCommand(
      askingCommand("accept", "takes the document that waits: for when the cluster's owner has made that change")
        .requiredOption("--version <number>", "its version, as `trust show` has it", wholeNumber())
        .action(accept),
    );
}

async function show(options: TrustOptions): Promise<void> {
  tell(await ask(options, { kind: "show" }), options);
}

async function accept(options: TrustOptions & { readonly version: number }): Promise<void> {
  tell(await ask(options, { kind: "accept", version: options.version }), options);
}

function ask({ config }: TrustOptions, request: TrustRequest): Promise<TrustAnswer> {
  return new LocalClient(dataPaths(loadSettings(config).dataDir).statusSocket).trust(request);
}

function tell(answer: TrustAnswer, { json = false }: TrustOptions): void {
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : trustText(answer));
}

export function trustText({ version, changes, memory, held }: TrustAnswer): string {
  const rows = memory.members.map(({ nodeId, certificateSha256 }) => [nodeId, certificateSha256]);
  const asks = changes === "ask" ? "Every newer one waits for somebody's word here (trust.changes is ask).\n" : "";
  const waiting = held === null ? "Nothing waits.\n" : `Version ${held.version} waits: ${printable(held.reason)}\n`;
  return `Cluster document ${version} is in force. ${asks}${waiting}\nMembers as of ${memory.since}, of whom half must stay within a day:\n${table(["NODE", "CERTIFICATE"], rows)}\n`;
}
