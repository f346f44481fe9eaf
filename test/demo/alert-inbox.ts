import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endProcess, startProgram } from "./child-process.ts";
import type { CloudAddresses } from "./embedded-cloud.ts";

/** An alert that the subscriber has received, and what the two public validators said of its signature. */
export interface ReceivedAlert {
  readonly alertId: string;
  readonly kind: string;
  readonly signatures: Readonly<Record<string, string>>;
  /** `performance.now()` of this process when the subscriber had verified it. */
  readonly atMs: number;
}

/** A subscriber of the customer's alerts: a process of its own with an HTTP endpoint, which believes nothing that it has not verified. */
export class AlertInbox {
  readonly #port: number;
  readonly #logFile: string;
  readonly received: ReceivedAlert[] = [];
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string) {
    this.#port = port;
    this.#logFile = join(folder, "subscriber.log");
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}/alerts`;
  }

  start(cloud: CloudAddresses): void {
    const { host } = new URL(cloud.snsTls);
    const args = ["--port", String(this.#port), "--endpoint-tls", host, "--ca", cloud.snsCa];
    const environment = { NODE_EXTRA_CA_CERTS: cloud.snsCa };
    this.#process = startProgram(join(import.meta.dirname, "alert-subscriber.ts"), args, {
      logFile: this.#logFile,
      stdout: "pipe",
      environment,
    });
    if (this.#process.stdout === null) throw new Error("the subscriber has no standard output");
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#keep(line));
  }

  #keep(line: string): void {
    if (!line.startsWith("{")) return;
    const message = JSON.parse(line) as { type?: string; alertId?: string; kind?: string; signatures?: Record<string, string> };
    if (message.type !== "Notification") return;
    const { alertId = "", kind = "", signatures = {} } = message;
    this.received.push({ alertId, kind, signatures, atMs: performance.now() });
  }

  async stop(): Promise<void> {
    if (this.#process !== undefined) await endProcess(this.#process);
  }
}
