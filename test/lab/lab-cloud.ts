import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import { ApiClient } from "../demo/api-client.ts";
import { endProcess, firstJsonLine, startProgram } from "../demo/child-process.ts";
import { EmbeddedCloud } from "../demo/embedded-cloud.ts";
import { type Namespace, ownMachine } from "./namespace.ts";

const ports = { http: 8_080, agent: 8_443, mqtt: 8_883, sns: 8_911, snsTls: 8_912 } as const;

/** The control plane on a machine of its own, and a way to its API from outside. */
export class LabCloud {
  readonly #cloud: EmbeddedCloud;
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #outside: Server;
  #door: ChildProcess | undefined;

  constructor(namespace: Namespace, address: string, folder: string) {
    this.#namespace = namespace;
    this.#folder = folder;
    this.#cloud = new EmbeddedCloud(folder, ports, { host: address, runsUnder: namespace.entry });
    this.#outside = createServer((client) => {
      const door = createConnection(this.#socket);
      client.pipe(door).pipe(client);
      // A control plane that is down refuses whoever asks: the API client tells that.
      client.on("error", () => door.destroy());
      door.on("error", () => client.destroy());
    });
  }

  get #socket(): string {
    return join(this.#folder, "door.sock");
  }

  async start(): Promise<void> {
    await this.#cloud.start();
    if (this.#door !== undefined) return;
    const logFile = join(this.#folder, "door.log");
    const args = [this.#socket, String(ports.http)];
    this.#door = startProgram(join(import.meta.dirname, "door.ts"), args, { logFile, stdout: "pipe", ...ownMachine(this.#namespace) });
    await firstJsonLine(this.#door, "the door to the control plane", logFile);
    await once(this.#outside.listen(0, "127.0.0.1"), "listening");
  }

  api(): ApiClient {
    const address = this.#outside.address();
    if (address === null || typeof address === "string") throw new Error("the control plane has not been started");
    return new ApiClient(`http://127.0.0.1:${address.port}`, this.#cloud.firstLogin().apiKey);
  }

  /** kill -9: whatever it had not written is lost. */
  kill(): void {
    if (this.#cloud.pid !== undefined) process.kill(this.#cloud.pid, "SIGKILL");
  }

  async end(): Promise<void> {
    this.#outside.close();
    this.#outside.unref();
    if (this.#door !== undefined) await endProcess(this.#door);
  }
}
