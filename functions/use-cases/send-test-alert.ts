import { randomUUID } from "node:crypto";
import { type ClusterId, controlPlaneId, type EventId } from "../../shared/domain/ids.ts";
import type { AlertLevel } from "../../shared/domain/incidents/announce.ts";
import { type ClusterEvent, severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { alertMessage, eventSentence } from "../notify/alert-message.ts";
import { alertNames } from "./alert-names.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";

/**
 * Sends a message that shows the way to the subscribers of a level, as an alert of this cluster would go. Past the outbox: whether the service has taken it is
 * known when this resolves.
 */
export async function sendTestAlert(
  dependencies: Dependencies,
  clusterId: ClusterId,
  level: AlertLevel,
): Promise<{ readonly alertId: EventId; readonly messageId: string }> {
  const { actor, notifier, nowMs } = dependencies;
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const { customerId } = document;
  const detail = { kind: "alerts.test", by: actor.name.slice(0, 200) } as const;
  const alertId = `${clusterId}/test/${randomUUID()}` as EventId;
  const at = new Date(nowMs()).toISOString();
  const lead: ClusterEvent = { eventId: alertId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail };
  const names = await alertNames(dependencies, document);
  const message = alertMessage({ alertId, lead, severity: lead.severity, sentence: eventSentence(lead, names), incident: null }, names);
  const change = { action: "alert.tested", customerId, subject: clusterId, after: { alertId, level } } as const;
  return refusing(() =>
    audited(dependencies, change, async () => {
      const { messageId } = await notifier.publish(await notifier.ensureTopic(customerId, level), message);
      return { alertId, messageId };
    }),
  );
}
