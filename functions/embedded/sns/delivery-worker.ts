import type { Logger } from "pino";
import type { Delivery, DeliveryTable } from "./delivery-table.ts";
import { type RetrySettings, retryDelayMs } from "./retry-schedule.ts";

export interface WorkerParts {
  readonly deliveries: DeliveryTable;
  /** Resolves once the subscriber has it; rejects with the reason. */
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  readonly retry: RetrySettings;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly log: Logger;
}

const concurrencyMax = 16;
/** The longest sleep: a wall clock that was set back delays nothing by more. */
const sleepMsMax = 60_000;
const afterStoreFailureMs = 1_000;
const lastMomentMs = 500;
const reasonLengthMax = 500;

/**
 * Carries the queue out: at most one attempt at a time for a subscription, so that one that hangs holds up no other, and
 * messages arrive in their order while nothing fails. Only the queue knows what is still to do: a kill at any instant
 * repeats an attempt at worst.
 */
export class DeliveryWorker {
  readonly #parts: WorkerParts;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Looks at the queue as soon as the caller is done. */
  wake(): void {
    this.#sleep(0);
  }

  /** Gives the attempts under way a moment, since one that is broken off may come twice; then ends them, which leaves them queued. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const ending = setTimeout(() => this.#stopping.abort(), lastMomentMs);
    await Promise.all(this.#busy.values());
    clearTimeout(ending);
  }

  #sleep(ms: number): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const { deliveries, nowMs, log } = this.#parts;
    try {
      while (this.#busy.size < concurrencyMax) {
        const delivery = deliveries.nextDue(nowMs(), [...this.#busy.keys()]);
        if (delivery === null) break;
        this.#busy.set(delivery.subscriptionArn, this.#attempt(delivery));
      }
      if (this.#busy.size >= concurrencyMax) return;
      const dueAtMs = deliveries.nextDueAtMs([...this.#busy.keys()]);
      if (dueAtMs !== null) this.#sleep(Math.min(sleepMsMax, Math.max(1, dueAtMs - nowMs())));
    } catch (error) {
      log.error({ err: error }, "the delivery queue could not be read; trying again");
      this.#sleep(afterStoreFailureMs);
    }
  }

  /** Never rejects. */
  async #attempt(delivery: Delivery): Promise<void> {
    let pauseMs = 0;
    try {
      const failure = await this.#send(delivery);
      if (!this.#stopping.signal.aborted || failure === null) this.#record(delivery, failure);
    } catch (error) {
      // The queue could not be written: the delivery stays due, and may reach its subscriber once more.
      this.#parts.log.error({ err: error }, "the outcome of a delivery could not be stored; trying again");
      pauseMs = afterStoreFailureMs;
    } finally {
      this.#busy.delete(delivery.subscriptionArn);
      this.#sleep(pauseMs);
    }
  }

  async #send(delivery: Delivery): Promise<string | null> {
    try {
      await this.#parts.send(delivery, this.#stopping.signal);
      return null;
    } catch (error) {
      return (error instanceof Error ? error.message : String(error)).slice(0, reasonLengthMax);
    }
  }

  #record(delivery: Delivery, failure: string | null): void {
    const { deliveries, retry, chance, log } = this.#parts;
    const nowMs = this.#parts.nowMs();
    if (failure === null) {
      deliveries.settle(delivery, nowMs);
      // Whoever has just answered will answer again: what waits need not wait longer.
      if (delivery.failures > 0) deliveries.hasten(delivery.subscriptionArn, nowMs);
      return;
    }
    const failures = delivery.failures + 1;
    const delayMs = retryDelayMs(retry, failures, chance());
    deliveries.fail(delivery.deliveryId, failure, nowMs, delayMs === null ? null : nowMs + delayMs);
    const about = { subscriptionArn: delivery.subscriptionArn, messageId: delivery.message.messageId, failures, reason: failure };
    if (delayMs === null) log.error(about, "delivery given up: it lies among the dead letters");
    else log.warn({ ...about, delayMs }, "delivery failed; it will be tried again");
  }
}
