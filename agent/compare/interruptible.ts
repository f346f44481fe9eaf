/** A rest that can be ended early. */
export class Interruptible {
  #wake: (() => void) | undefined;

  async sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /** Ends the rest that is under way, where there is one. */
  interrupt(): void {
    this.#wake?.();
  }
}
