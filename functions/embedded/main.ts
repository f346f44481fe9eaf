#!/usr/bin/env node
import { hostname } from "node:os";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { type DestinationStream, destination, pino } from "pino";
import { parseSubnetAddress } from "../../shared/domain/membership/ip-address.ts";
import { hostSchema } from "../../shared/protocol/id-schemas.ts";
import { type EmbeddedCloud, type EmbeddedCloudOptions, startEmbeddedCloud } from "./embedded-cloud.ts";
import { readyText } from "./ready-text.ts";
import { StartError } from "./start-error.ts";

interface CommandOptions extends Omit<EmbeddedCloudOptions, "log" | "publicHost"> {
  readonly publicHost?: string;
  readonly json?: true;
  readonly logFile?: string;
  readonly logLevel: string;
}

const command = new Command("understudy-cloud")
  .description("The control plane in one process: console, API, database, MQTT broker and alerts. No account, no container.")
  .showHelpAfterError("Next step: see --help, which explains every option.")
  .requiredOption("--data-dir <folder>", "keeps everything that must not be lost; made where it is missing")
  .option(
    "--host <address>",
    "where agents and alert subscribers connect; the console is on this machine's loopback alone",
    host,
    "127.0.0.1",
  )
  .option(
    "--public-host <name>",
    "the name or address that agents are told (default: the same as --host; with 0.0.0.0, this machine's name)",
    host,
  )
  .option("--http-port <port>", "console and API (0 with any port: any free one)", port, 8080)
  .option("--agent-port <port>", "API for agents, over TLS", port, 8443)
  .option("--mqtt-port <port>", "MQTT for agents, over mutual TLS", port, 8883)
  .option("--sns-port <port>", "SNS-compatible endpoint over HTTP", port, 8911)
  .option("--sns-tls-port <port>", "the same over TLS, where subscribers fetch the signing certificate", port, 8912)
  .option("--smtp-url <url>", "mail server for alerts by e-mail, as smtp://user:password@host:587")
  .option(
    "--subscriber-network <network...>",
    "a network beside the internet in which alert subscribers may be, as 192.168.1.0/24; nothing is sent to any other, and not to this machine",
    network,
  )
  .option("--json", "print one line of JSON when ready, and nothing else, on standard output")
  .option("--log-file <file>", "append the log here instead of writing it to standard error")
  .addHelpText("after", "\nEnds tidily on Ctrl-C; started again with the same --data-dir it goes on where it was.");
command.option("--log-level <level>", "debug, info, warn or error", level, "info");

command.parse();
await run(command.opts<CommandOptions>());

async function run(options: CommandOptions): Promise<void> {
  const log = pino({ name: "understudy-cloud", level: options.logLevel }, logDestination(options.logFile));
  const everywhere = ["0.0.0.0", "::"].includes(options.host);
  const publicHost = options.publicHost ?? (everywhere ? hostname() : options.host);
  const cloud = await startEmbeddedCloud({ ...options, publicHost, dataDir: resolve(options.dataDir), log }).catch((error: unknown) => {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`understudy-cloud: ${error.message}\n`);
    process.exit(1);
  });
  endOnSignals(cloud, log);
  log.info(cloud.addresses, "the control plane is ready");
  process.stdout.write(options.json === true ? `${JSON.stringify({ ready: true, ...cloud.addresses })}\n` : readyText(cloud));
}

function logDestination(file: string | undefined): DestinationStream {
  try {
    return destination({ dest: file ?? 2, mkdir: true, sync: true });
  } catch (error) {
    process.stderr.write(`understudy-cloud: the log cannot be written to ${file}: ${String(error)}. Name another file with --log-file.\n`);
    process.exit(1);
  }
}

/** The first signal ends everything in order; a second one does not wait for it. */
function endOnSignals(cloud: EmbeddedCloud, log: pino.Logger): void {
  let ending = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1);
      ending = true;
      log.info({ signal }, "ending");
      cloud.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "did not end tidily; nothing that was answered is lost");
          process.exit(1);
        },
      );
    });
  }
}

function host(text: string): string {
  const parsed = hostSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be an IP address or a host name, without a scheme or a port.");
}

/** Each that is given is added to those before it. */
function network(text: string, before: readonly string[] | undefined): readonly string[] {
  if (parseSubnetAddress(text) !== null) return [...(before ?? []), text];
  throw new InvalidArgumentError("It must be a network with its prefix length, as 192.168.1.0/24 or fd00:1::/64.");
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

function level(text: string): string {
  if (["debug", "info", "warn", "error"].includes(text)) return text;
  throw new InvalidArgumentError("It must be debug, info, warn or error.");
}
