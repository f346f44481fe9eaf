import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { GuardianConfiguration } from "./guardian-protocol.ts";
import { toLine } from "./json-lines.ts";

/** A guardian that keeps dying is started again ever more slowly. */
const restartPauseMs = { first: 50, most: 5_000 } as const;
/** One that has lived for this long was well. */
const wellAfterMs = 30_000;
/** For the last takedown at the agent's own end; the leases are given back by then. */
const endPatienceMs = 10_000;

export interface GuardianProcessOptions {
  readonly configuration: GuardianConfiguration;
  readonly onLog: (text: string) => void;
  /** It has died by itself. Must end what it has left running; the next guardian starts when that is done. */
  readonly onDied: (how: string) => Promise<void>;
}

/** The main thread's part in the guardian: it starts the process, is its lifeline, and starts it again where it dies. */
export class GuardianProcess {
  readonly #options: GuardianProcessOptions;
  #child: ChildProcess;
  #ending = false;
  #restartMs: number = restartPauseMs.first;
  #ended: Promise<void>;

  constructor(options: GuardianProcessOptions) {
    this.#options = options;
    [this.#child, this.#ended] = this.#spawn();
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Closes the lifeline: the guardian takes down what still runs, and ends. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#child.stdin?.end();
    const killing = setTimeout(() => this.#child.kill("SIGKILL"), endPatienceMs);
    await this.#ended;
    clearTimeout(killing);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #spawn(): [ChildProcess, Promise<void>] {
    const { configuration, onLog } = this.#options;
    // A group of its own: Ctrl-C in the agent's terminal is not meant for the guardian.
    const child = spawn(process.execPath, [new URL("./guardian.ts", import.meta.url).pathname], {
      detached: true,
      stdio: ["pipe", "ignore", "pipe"],
    });
    const startedMs = performance.now();
    child.stdin?.on("error", (error) => onLog(`guardian: ${error.message}`));
    child.stdin?.write(toLine(configuration));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => onLog(text.trim()));
    const ended = new Promise<void>((resolve) => {
      const finish = (how: string): void => {
        resolve();
        if (!this.#ending) void this.#replace(how, performance.now() - startedMs);
      };
      child.once("error", (error) => finish(`could not be started: ${error.message}`));
      child.once("exit", (code, signal) => finish(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
    });
    return [child, ended];
  }

  async #replace(how: string, livedMs: number): Promise<void> {
    await this.#options.onDied(how);
    if (livedMs > wellAfterMs) this.#restartMs = restartPauseMs.first;
    await sleep(this.#restartMs);
    this.#restartMs = Math.min(restartPauseMs.most, 2 * this.#restartMs);
    if (!this.#ending) [this.#child, this.#ended] = this.#spawn();
  }
}
