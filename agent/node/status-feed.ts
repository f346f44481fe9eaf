import type { ReportedStatus } from "./loop-messages.ts";

/** What the main thread says of this node, on its way to the core: when it says it, and again with every beat. */
export class StatusFeed {
  readonly #tellCore: (status: ReportedStatus) => void;
  #known: ReportedStatus | null = null;

  constructor(tellCore: (status: ReportedStatus) => void) {
    this.#tellCore = tellCore;
  }

  /** The main thread has something new to say. */
  report(status: ReportedStatus): void {
    this.#known = status;
    this.repeat();
  }

  /** Says the same again: the ages of the threads' beats go on by themselves. */
  repeat(): void {
    if (this.#known !== null) this.#tellCore(this.#known);
  }
}
