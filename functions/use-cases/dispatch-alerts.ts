import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { NotifierError } from "../notify/notifier.ts";
import type { AlertHandover } from "../store/outgoing-alert-store.ts";
import { StoreUnavailableError } from "../store/store-error.ts";
import { isRemovedAndCleared } from "./clear-remains.ts";
import { ClusterGoneError, settleIncidents, takeEvents } from "./settle-incidents.ts";

export interface DispatchResult {
  readonly sent: number;
  readonly postponed: number;
  /** There may be more that are due. */
  readonly more: boolean;
}

const batchSize = 25;
const firstDelayMs = 1_000;
const longestDelayMs = 300_000;

/**
 * Makes incidents of the events that have come, says what is due to be told of them, and hands that to the notifier. Killed between any two steps it loses
 * nothing: each step's input waits until its output is stored. Between publishing and marking an alert may be published a second time, under the same alert id.
 * Safe to run twice at once, likewise.
 */
export async function dispatchAlerts(dependencies: Dependencies): Promise<DispatchResult> {
  const { stores, nowMs } = dependencies;
  const events = await stores.alertInbox.due(nowMs(), batchSize);
  const failures: StoreUnavailableError[] = [];
  for (const [clusterId, own] of byCluster(events)) {
    await apart(failures, () => unlessRemoved(dependencies, clusterId, () => takeEvents(dependencies, clusterId, own)));
  }
  const books = await stores.incidents.due(nowMs(), batchSize);
  for (const clusterId of books)
    await apart(failures, () => unlessRemoved(dependencies, clusterId, () => settleIncidents(dependencies, clusterId)));
  const alerts = await stores.outgoingAlerts.due(nowMs(), batchSize);
  let sent = 0;
  let postponed = 0;
  for (const alert of alerts) {
    await apart(failures, async () => {
      const outcome = await dispatch(dependencies, alert);
      sent += Number(outcome === "sent");
      postponed += Number(outcome === "postponed");
    });
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} clusters or alerts could not be looked after`);
  const isFull = [events, books, alerts].some(({ length }) => length === batchSize);
  return { sent, postponed, more: isFull && events.length + books.length + sent + postponed > 0 };
}

/** One cluster whose items the store does not take holds up no other's alerts. */
async function apart(failures: StoreUnavailableError[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    failures.push(error);
  }
}

/** What waits for a cluster that was removed is deleted, and nobody is told of it. */
async function unlessRemoved(dependencies: Dependencies, clusterId: ClusterId, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ClusterGoneError) || !(await isRemovedAndCleared(dependencies, clusterId))) throw error;
  }
}

function byCluster(events: readonly ClusterEvent[]): ReadonlyMap<ClusterId, readonly ClusterEvent[]> {
  return Map.groupBy(events, ({ clusterId }) => clusterId);
}

async function dispatch(dependencies: Dependencies, alert: AlertHandover): Promise<"sent" | "postponed" | "nothing"> {
  const { stores, notifier, nowMs, log } = dependencies;
  const standing = await stores.outgoingAlerts.standing(alert);
  if (standing === "sent") return "nothing";
  if (standing === "behind") {
    await stores.outgoingAlerts.wait(alert, nowMs() + firstDelayMs);
    return "nothing";
  }
  // Published, it would make the topic of a customer anew that may be gone, too.
  if (await isRemovedAndCleared(dependencies, alert.clusterId)) return "nothing";
  const { alertId, kind } = alert.message.body;
  const facts = { alertId, kind, level: alert.level, attempt: alert.attempts + 1 };
  try {
    const { messageId } = await notifier.publish(await notifier.ensureTopic(alert.customerId, alert.level), alert.message);
    await stores.outgoingAlerts.markSent(alert, { nowMs: nowMs(), messageId });
    log.info({ ...facts, messageId }, "an alert was handed over");
    return "sent";
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    const delayMs = error.retryable ? Math.min(firstDelayMs * 2 ** Math.min(alert.attempts, 20), longestDelayMs) : longestDelayMs;
    await stores.outgoingAlerts.postpone(alert, { dueMs: nowMs() + delayMs, reason: error.message });
    log.warn({ ...facts, code: error.code, reason: error.message, delayMs }, "an alert waits for its next attempt");
    return "postponed";
  }
}
