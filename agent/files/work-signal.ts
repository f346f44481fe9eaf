import { setImmediate as nextTurn } from "node:timers/promises";

/** Others that have something to do on the thread wait for at most so long. */
const turnEveryMs = 2;

/** What was under way was left for another round. */
export class Interrupted extends Error {
  constructor() {
    super("it goes on later");
  }
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Between those who want something of a loop that works in rounds, and the loop. */
export class WorkSignal {
  #isStirred = false;
  #isInterrupted = false;
  #isEnded = false;
  #interruption = interruption();
  #turnedAtMs = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;
  /** Who waits for the round that is under way to have ended. */
  #next: Waiter[] = [];
  /** Who waits for a whole round that began after the call, */
  #wanted: Waiter[] = [];
  /** and those of the round that is under way. */
  #flushing: Waiter[] = [];

  /** Something may have changed: there will be another round soon. */
  stir(): void {
    this.#isStirred = true;
    this.#wake?.();
  }

  /** What is under way is to be left for another round. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#interruption.reject(new Interrupted());
    this.stir();
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Rejects with `Interrupted` as soon as the round is, however long the work may still take. */
  unlessInterrupted<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#interruption.promise]);
  }

  /** Throws `Interrupted` where the round is. */
  check(): void {
    if (this.#isInterrupted) throw new Interrupted();
  }

  /** Lets the thread's other work go on, where it has waited for a while. Rejects with `Interrupted` where the round is. */
  async turn(): Promise<void> {
    if (performance.now() - this.#turnedAtMs >= turnEveryMs) {
      await nextTurn();
      this.#turnedAtMs = performance.now();
    }
    this.check();
  }

  nextRound(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next.push({ resolve, reject });
      this.interrupt();
    });
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ resolve, reject });
      this.interrupt();
    });
  }

  end(): void {
    this.#isEnded = true;
    this.interrupt();
  }

  /** False where there shall be no more rounds. */
  begin(): boolean {
    for (const { resolve } of this.#next.splice(0)) resolve();
    if (this.#isEnded) {
      for (const { reject } of this.#wanted.splice(0)) reject(new Error("this node is stopping"));
      return false;
    }
    this.#isStirred = false;
    this.#isInterrupted = false;
    this.#interruption = interruption();
    this.#flushing = this.#wanted.splice(0);
    return true;
  }

  get wantsFlush(): boolean {
    return this.#flushing.length > 0;
  }

  /** `error`: the round has failed. Who wanted a whole one has another, where it was interrupted. */
  finish(error: Error | undefined): void {
    if (this.#isInterrupted) this.#wanted.unshift(...this.#flushing.splice(0));
    for (const { resolve, reject } of this.#flushing.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }

  /** Resolves when there is something to do, or after so long. */
  async wait(ms: number): Promise<void> {
    if (this.#isStirred) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function interruption(): PromiseWithResolvers<never> {
  const made = Promise.withResolvers<never>();
  // Whoever works hears of it; where nobody does, nothing is amiss.
  made.promise.catch(() => undefined);
  return made;
}
