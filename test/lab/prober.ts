import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endProcess, startProgram } from "../demo/child-process.ts";
import { type Namespace, ownMachine } from "./namespace.ts";
import { ProbeRecord } from "./probe-record.ts";

export const probeEveryMs = 5;
export const echoPort = 7_777;

/** From where to where one way of a prober leads. */
export interface Way {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

/** Asks on every way who is there, every 5 ms, from a namespace of its own. */
export class Prober {
  readonly record = new ProbeRecord();
  readonly #process: ChildProcess;

  constructor(namespace: Namespace, ways: readonly Way[], logFile: string) {
    const args = ways.map(({ label, from, to }) => `${label}=${from}>${to}`);
    this.#process = startProgram(join(import.meta.dirname, "probe.ts"), [String(probeEveryMs), String(echoPort), ...args], {
      logFile,
      stdout: "pipe",
      ...ownMachine(namespace),
    });
    if (this.#process.stdout === null) throw new Error("the prober has no standard output");
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.record.take(line));
  }

  async end(): Promise<void> {
    await endProcess(this.#process);
  }
}
