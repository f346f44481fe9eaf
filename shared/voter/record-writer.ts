import type { DurableRecord } from "../domain/failover/durable-record.ts";

const retryMs = 1_000;

export interface RecordWriterOptions {
  /** Calls back once: with null when the record is on disk, else with the reason why it may not be. */
  readonly store: (record: DurableRecord, stored: (problem: string | null) => void) => void;
  readonly after: (ms: number, then: () => void) => void;
  readonly onWritten: (record: DurableRecord) => void;
  readonly onTrouble: (reason: string) => void;
}

/** Keeps the newest record on disk: one write at a time, so that an older one never lands on a newer, and again until it succeeds. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  #newest: DurableRecord | null = null;
  #isWriting = false;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  /** Something is being written, or waits to be. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  write(record: DurableRecord): void {
    this.#newest = record;
    if (!this.#isWriting) this.#writeNewest();
  }

  #writeNewest(): void {
    const record = this.#newest;
    this.#newest = null;
    this.#isWriting = record !== null;
    if (record === null) return;
    const { store, after, onWritten, onTrouble } = this.#options;
    store(record, (problem) => {
      if (problem === null) {
        onWritten(record);
        return this.#writeNewest();
      }
      this.#newest ??= record;
      onTrouble(problem);
      after(retryMs, () => this.#writeNewest());
    });
  }
}
