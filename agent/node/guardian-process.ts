import { setTimeout as sleep } from "node:timers/promises";
import { type GuardianLife, spawnGuardian } from "./guardian-life.ts";
import type { GuardianConfiguration } from "./guardian-protocol.ts";

/** A guardian that keeps dying is started again ever more slowly. */
const restartPauseMs = { first: 50, most: 5_000 } as const;
/** One that has lived for this long was well. */
const wellAfterMs = 30_000;
/** For the last takedown at the agent's own end; the leases are given back by then. */
const endPatienceMs = 10_000;

export interface GuardianProcessOptions {
  readonly configuration: GuardianConfiguration;
  /** Null: one is started. */
  readonly adopted: GuardianLife | null;
  readonly onLog: (text: string) => void;
  /** It has died by itself. Must end what it has left running; the next guardian starts when that is done. */
  readonly onDied: (how: string) => Promise<void>;
}

/** The main thread's part in the guardian: it starts the process or takes it over, is its lifeline, and starts it again where it dies. */
export class GuardianProcess {
  readonly #options: GuardianProcessOptions;
  #life: GuardianLife;
  #ending = false;
  #restartMs: number = restartPauseMs.first;

  constructor(options: GuardianProcessOptions) {
    this.#options = options;
    this.#life = this.#watch(options.adopted ?? this.#spawn());
  }

  /** Closes the lifeline: the guardian takes down what still runs, and ends. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#life.end();
    const killing = setTimeout(() => this.#life.kill(), endPatienceMs);
    await this.#life.ended;
    clearTimeout(killing);
  }

  kill(): void {
    this.#life.kill();
  }

  /** It has been told to wait for the next agent. */
  letGo(): void {
    this.#ending = true;
    this.#life.letGo();
  }

  #spawn(): GuardianLife {
    return spawnGuardian(this.#options.configuration, this.#options.onLog);
  }

  #watch(life: GuardianLife): GuardianLife {
    void this.#replaceAfter(life);
    return life;
  }

  async #replaceAfter(life: GuardianLife): Promise<void> {
    const startedMs = performance.now();
    const how = await life.ended;
    if (!this.#ending) await this.#replace(how, performance.now() - startedMs);
  }

  async #replace(how: string, livedMs: number): Promise<void> {
    await this.#options.onDied(how);
    if (livedMs > wellAfterMs) this.#restartMs = restartPauseMs.first;
    await sleep(this.#restartMs);
    this.#restartMs = Math.min(restartPauseMs.most, 2 * this.#restartMs);
    if (!this.#ending) this.#life = this.#watch(this.#spawn());
  }
}
