import { setTimeout as sleep } from "node:timers/promises";
import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import { reasonOf } from "../agent-error.ts";
import { writeNodeRecord } from "./node-record.ts";

const retryMs = 1_000;

export interface RecordWriterOptions {
  readonly path: string;
  readonly onWritten: (record: DurableRecord) => void;
  readonly onTrouble: (reason: string) => void;
}

/** Keeps the newest record on disk: one write at a time, so that an older one never lands on a newer, and again until it succeeds. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  #newest: DurableRecord | null = null;
  #writing = false;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  write(record: DurableRecord): void {
    this.#newest = record;
    if (!this.#writing) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#newest !== null) {
      const record = this.#newest;
      this.#newest = null;
      try {
        await writeNodeRecord(this.#options.path, record);
        this.#options.onWritten(record);
      } catch (error) {
        this.#newest ??= record;
        this.#options.onTrouble(`${this.#options.path} cannot be written: ${reasonOf(error)}`);
        await sleep(retryMs, undefined, { ref: false });
      }
    }
    this.#writing = false;
  }
}
