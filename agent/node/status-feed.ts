import { failoverSettings } from "../../shared/config/timing.ts";
import type { ReportedStatus } from "./loop-messages.ts";

export interface StatusFeedPorts {
  readonly nowMs: () => number;
  readonly tellCore: (status: ReportedStatus) => void;
  /** Asks the main thread to look at everything anew; answered by `looked` with the same number. */
  readonly look: (lookId: number) => void;
}

/**
 * What the main thread says of this node, on its way to the core. Once a service is down, the core gives its group away when a
 * status that is newer than the stop shows that the successor has every change (R1): so from a stop on, nothing is passed on
 * until the main thread has looked anew, and that at once.
 */
export class StatusFeed {
  readonly #ports: StatusFeedPorts;
  #known: ReportedStatus | null = null;
  #lastLookId = 0;
  #heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(ports: StatusFeedPorts) {
    this.#ports = ports;
  }

  /** The main thread has something new to say. */
  report(status: ReportedStatus): void {
    this.#known = status;
    this.repeat();
  }

  /** Says the same again: the ages of the threads' beats go on by themselves. */
  repeat(): void {
    if (this.#known !== null && this.#ports.nowMs() >= this.#heldUntilMs) this.#ports.tellCore(this.#known);
  }

  /** A service is down. Holds everything back until that has been looked at, or the core waits for it no longer. */
  serviceStopped(): void {
    this.#lastLookId += 1;
    this.#heldUntilMs = this.#ports.nowMs() + failoverSettings.drainMsMax;
    this.#ports.look(this.#lastLookId);
  }

  /** A look that began before the last stop says nothing about it. */
  looked(lookId: number, status: ReportedStatus): void {
    if (lookId === this.#lastLookId) this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    this.report(status);
  }
}
