import type { NodeEvent } from "../../shared/domain/failover/events.ts";

/** A message that waits longer than this in a stopped process's socket was dropped by then. */
const waitingMax = 2_000;

/** What waits for a process that does not run on. */
export class Inbox {
  #waiting: NodeEvent[] = [];

  put(event: NodeEvent): void {
    if (this.#waiting.length < waitingMax) this.#waiting.push(event);
  }

  empty(): readonly NodeEvent[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

/** What was sent over the network, and was lost where nobody took it. */
export function isSent({ type }: NodeEvent): boolean {
  return type === "message" || type === "copy";
}
