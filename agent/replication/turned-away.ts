const toldEveryMs = 60_000;

/** Tells of those who were turned away, once a minute at most: or a port scan would fill the customer's mailbox. */
export class TurnedAway {
  readonly #tell: (reason: string) => void;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(tell: (reason: string) => void) {
    this.#tell = tell;
  }

  add(reason: string): void {
    if (performance.now() - this.#toldAtMs < toldEveryMs) return;
    this.#toldAtMs = performance.now();
    this.#tell(reason);
  }
}
