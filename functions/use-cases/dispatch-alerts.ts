import { controlPlaneId } from "../../shared/domain/ids.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { type AlertMessage, alertMessage } from "../notify/alert-message.ts";
import { NotifierError } from "../notify/notifier.ts";
import type { PendingAlert } from "../store/alert-store.ts";

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
 * Hands the pending alerts that are due to the notifier, and marks them sent. Killed between any two steps it loses nothing: an alert is pending until
 * it is marked. Between publishing and marking it may be published a second time, under the same alert id. Safe to run twice at once, likewise.
 */
export async function dispatchAlerts(dependencies: Dependencies): Promise<DispatchResult> {
  const { stores, nowMs } = dependencies;
  const due = await stores.alerts.due(nowMs(), batchSize);
  let sent = 0;
  let postponed = 0;
  for (const alert of due) {
    if (!(await stores.alerts.isPending(alert.event))) continue;
    if (await dispatch(dependencies, alert)) sent += 1;
    else postponed += 1;
  }
  return { sent, postponed, more: due.length === batchSize && sent + postponed > 0 };
}

/** False where the alert has to wait for its next attempt. */
async function dispatch(dependencies: Dependencies, alert: PendingAlert): Promise<boolean> {
  const { stores, notifier, nowMs, log } = dependencies;
  const { event } = alert;
  const facts = { eventId: event.eventId, kind: event.detail.kind, attempt: alert.attempts + 1 };
  try {
    const { topicArn, message } = await addressed(dependencies, event);
    const { messageId } = await notifier.publish(topicArn, message);
    await stores.alerts.markSent(event, { nowMs: nowMs(), messageId });
    log.info({ ...facts, messageId }, "an alert was handed over");
    return true;
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    const delayMs = error.retryable ? Math.min(firstDelayMs * 2 ** alert.attempts, longestDelayMs) : longestDelayMs;
    await stores.alerts.postpone(event, { notBeforeMs: nowMs() + delayMs, reason: error.message });
    log.warn({ ...facts, code: error.code, reason: error.message, delayMs }, "an alert waits for its next attempt");
    return false;
  }
}

async function addressed({ stores, notifier }: Dependencies, event: ClusterEvent): Promise<{ topicArn: string; message: AlertMessage }> {
  const cluster = await stores.clusters.find(event.clusterId);
  if (cluster === undefined) throw new Error(`an alert is pending for ${event.clusterId}, which is not in the store`);
  const { customerId, name } = cluster.document;
  const customer = await stores.customers.find(customerId);
  const names = new Map(membersOf(cluster.document).map((member) => [member.nodeId, member.name]));
  names.set(controlPlaneId, "the control plane");
  const message = alertMessage(event, {
    customer: { id: customerId, name: customer?.name ?? customerId },
    clusterName: name,
    nodeName: (node) => names.get(node) ?? node,
  });
  return { topicArn: await notifier.ensureTopic(customerId), message };
}
