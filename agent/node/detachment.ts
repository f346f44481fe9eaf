import { setTimeout as sleep } from "node:timers/promises";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { Detached } from "../../shared/domain/failover/durable-record.ts";
import { msFromUs } from "../../shared/domain/time.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import type { FromLoop, ToLoop } from "./loop-messages.ts";
import { readoptByUs } from "./readoption.ts";

/** The core gives it up by itself; this is for a control loop that does not answer. */
const answerPatienceMs = failoverSettings.detachPatienceMs + 2_000;
const guardianPatienceMs = 1_000;

/** The main thread's part in an agent that is to be started anew while its resources run on. */
export class Detachment {
  readonly #post: (message: ToLoop) => void;
  readonly #left = Promise.withResolvers<Detached>();
  readonly #guardianWaits = Promise.withResolvers<true>();
  #onRefused: (reason: string) => void = () => {};

  constructor(post: (message: ToLoop) => void) {
    this.#post = post;
  }

  /** Resolves once the core has left: nothing is promised, asked or renewed any more, and the process must end. */
  get left(): Promise<Detached> {
    return this.#left.promise;
  }

  /** For how long the agent may be away now that the core has left, or why it has not. */
  async ask(): Promise<{ readonly backWithinMs: number } | { readonly refusal: string }> {
    const refused = new Promise<{ readonly refusal: string }>((resolve) => {
      this.#onRefused = (refusal) => resolve({ refusal });
    });
    this.#post({ type: "detach" });
    const late = { refusal: `its control loop has not answered within ${answerPatienceMs / 1_000} s` };
    const left = this.left.then((detached) => ({ backWithinMs: Math.round(msFromUs(readoptByUs(detached) - monotonicUs())) }));
    return Promise.race([left, refused, sleep(answerPatienceMs, late, { ref: false })]);
  }

  refused(reason: string): void {
    this.#onRefused(reason);
  }

  take(message: Extract<FromLoop, { type: "detached" | "guardian-waits" }>): void {
    if (message.type === "detached") this.#left.resolve(message.detached);
    else this.#guardianWaits.resolve(true);
  }

  /** Tells the guardian that the end of this process is no reason to take anything down. False where it does not answer. */
  tellGuardian(readoptByUs: number): Promise<boolean> {
    this.#post({ type: "leave", readoptByUs });
    return Promise.race([this.#guardianWaits.promise, sleep(guardianPatienceMs, false, { ref: false })]);
  }
}
