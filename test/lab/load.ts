import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { endProcess, startProgram } from "../demo/child-process.ts";
import { type Namespace, ownMachine } from "./namespace.ts";

const diskWriters = 4;

export interface LoadOptions {
  /** Where it runs, so that it ends with the lab in any case. */
  readonly namespace: Namespace;
  readonly folder: string;
  /** Whether the lab's disk is kept busy, too. */
  readonly disk: boolean;
}

/** Twice as many busy loops as the machine has processors, at the services' own priority; and where asked for, programs that write and sync all the while. */
export class Load {
  readonly #folder: string;
  readonly #programs: readonly ChildProcess[];

  constructor({ namespace, folder, disk }: LoadOptions) {
    this.#folder = join(folder, "busy");
    mkdirSync(this.#folder, { recursive: true });
    const writers = disk ? diskWriters : 0;
    const calls = [
      ...Array.from({ length: 2 * availableParallelism() }, () => ["processor"]),
      ...Array.from({ length: writers }, () => ["disk", this.#folder]),
    ];
    const options = { logFile: join(folder, "busy.log"), stdout: "log", ...ownMachine(namespace) } as const;
    this.#programs = calls.map((args) => startProgram(join(import.meta.dirname, "busy.ts"), args, options));
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => endProcess(program)));
    rmSync(this.#folder, { recursive: true });
  }
}
