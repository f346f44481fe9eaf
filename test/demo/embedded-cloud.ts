import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { endProcess, firstJsonLine, startProgram } from "./child-process.ts";

const readySchema = z.object({
  ready: z.literal(true),
  console: z.string(),
  api: z.string(),
  agentApi: z.string(),
  mqtt: z.string(),
  sns: z.string(),
  snsTls: z.string(),
  snsCa: z.string(),
  firstLogin: z.string(),
});
export type CloudAddresses = z.infer<typeof readySchema>;

const firstLoginSchema = z.object({ email: z.string(), password: z.string(), apiKey: z.string() });
export type FirstLogin = z.infer<typeof firstLoginSchema>;

/** Where it listens when that is not this machine's loopback: the address that agents are told, and the argv that it runs under. */
export interface CloudPlace {
  readonly host: string;
  readonly runsUnder: readonly string[];
}

export interface CloudPorts {
  readonly http: number;
  readonly agent: number;
  readonly mqtt: number;
  readonly sns: number;
  readonly snsTls: number;
}

/** The demonstration's subscriber is on this machine: nothing is sent there unless the control plane is told so. */
const ownSubscribers = ["--subscriber-network", "127.0.0.0/8"];
const program = join(import.meta.dirname, "../../functions/embedded/main.ts");

/** The embedded control plane as a process of its own; stopping and starting it again keeps its data and its addresses. */
export class EmbeddedCloud {
  readonly #folder: string;
  readonly #ports: CloudPorts;
  readonly #place: CloudPlace | undefined;
  #process: ChildProcess | undefined;
  #addresses: CloudAddresses | undefined;

  constructor(folder: string, ports: CloudPorts, place?: CloudPlace) {
    this.#folder = folder;
    this.#ports = ports;
    this.#place = place;
  }

  async start(): Promise<CloudAddresses> {
    mkdirSync(this.#folder, { recursive: true });
    const logFile = join(this.#folder, "cloud.log");
    const { http, agent, mqtt, sns, snsTls } = this.#ports;
    const ports = ["--http-port", http, "--agent-port", agent, "--mqtt-port", mqtt, "--sns-port", sns, "--sns-tls-port", snsTls].map(
      String,
    );
    const host = this.#place === undefined ? [] : ["--host", this.#place.host];
    this.#process = startProgram(program, ["--data-dir", join(this.#folder, "data"), ...host, ...ports, ...ownSubscribers, "--json"], {
      logFile,
      stdout: "pipe",
      runsUnder: this.#place?.runsUnder ?? [],
      ownSession: this.#place !== undefined,
    });
    this.#addresses = readySchema.parse(await firstJsonLine(this.#process, "the control plane", logFile));
    return this.#addresses;
  }

  get addresses(): CloudAddresses {
    if (this.#addresses === undefined) throw new Error("the control plane has not been started");
    return this.#addresses;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  firstLogin(): FirstLogin {
    return firstLoginSchema.parse(JSON.parse(readFileSync(this.addresses.firstLogin, "utf8")));
  }

  async stop(): Promise<void> {
    if (this.#process !== undefined) await endProcess(this.#process);
    this.#process = undefined;
  }
}
