import type { Logger } from "pino";
import { newestRuns, runOf, type TriggerRun } from "../../shared/domain/triggers/trigger-run.ts";
import { reasonOf } from "../agent-error.ts";
import type { CarryOutPorts } from "./carry-out.ts";
import { readSent } from "./read-sent.ts";
import type { TriggerLog } from "./trigger-log.ts";

/** A schedule of every second must not make a message to the cloud of each. */
const leastIntervalMs = 60_000;
/** Whoever has just taken a group knows nothing of it yet. */
const firstLinesMax = 500;
const linesMax = 100;

export interface RecentRunsOptions {
  /** Of the groups that this node runs. */
  readonly logs: () => readonly TriggerLog[];
  /** Names of the triggers of those groups. */
  readonly names: () => ReadonlySet<string>;
  readonly sleep: CarryOutPorts["sleep"];
  readonly log: Pick<Logger, "warn">;
}

/** What came of the triggers that this node runs, for its report to the cloud: read from their log soon after something was sent, at most once a minute. */
export class RecentRuns {
  readonly #options: RecentRunsOptions;
  readonly #ending = new AbortController();
  #runs: readonly TriggerRun[] = [];
  #isDue = false;
  #reading: Promise<void> | null = null;

  constructor(options: RecentRunsOptions) {
    this.#options = options;
  }

  get runs(): readonly TriggerRun[] {
    const names = this.#options.names();
    return this.#runs.filter(({ trigger }) => names.has(trigger));
  }

  /** Something was sent, or this node has just taken a group. */
  note(): void {
    this.#isDue = true;
    if (this.#reading !== null || this.#ending.signal.aborted) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { logs, sleep, log } = this.#options;
    while (this.#isDue && !this.#ending.signal.aborted) {
      this.#isDue = false;
      try {
        const limit = this.#runs.length === 0 ? firstLinesMax : linesMax;
        const lines = await readSent(logs(), { limit, trigger: null, beforeMs: null });
        this.#runs = newestRuns(lines.map(runOf), this.#runs);
      } catch (error) {
        // Told later, when the log is there again.
        this.#isDue = true;
        log.warn(`what triggers have done is not reported: ${reasonOf(error)}`);
      }
      // Ended early by `close` alone.
      await sleep(leastIntervalMs, this.#ending.signal).catch(() => {});
    }
  }
}
