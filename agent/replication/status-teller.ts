import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";

/** A switchover waits for the status of the node that takes over. */
const atMostEveryMs = 20;
const beatMs = 500;

/** Tells the status where it has changed, soon and not too often, and regularly in any case: it doubles as the thread's beat. */
export class StatusTeller {
  readonly #read: () => readonly DataSetStatus[];
  readonly #tell: (status: readonly DataSetStatus[]) => void;
  readonly #beat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #last = "";
  #isClosed = false;

  constructor(read: () => readonly DataSetStatus[], tell: (status: readonly DataSetStatus[]) => void) {
    this.#read = read;
    this.#tell = tell;
    this.#beat = setInterval(() => this.now(), beatMs);
    this.now();
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look(false);
    }, atMostEveryMs);
  }

  now(): void {
    this.#look(true);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
  }

  #look(always: boolean): void {
    if (this.#isClosed) return;
    const status = this.#read();
    const text = JSON.stringify(status);
    if (!always && text === this.#last) return;
    this.#last = text;
    this.#tell(status);
  }
}
