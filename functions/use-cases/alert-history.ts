import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { MessageDelivery } from "../notify/deliveries.ts";
import { type AlertHandover, placeOf } from "../store/outgoing-alert-store.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";

/** An alert, and what became of it at each subscriber; null where that is not known. */
export interface TracedAlert extends AlertHandover {
  readonly deliveries: readonly MessageDelivery[] | null;
}

export interface AlertHistory {
  readonly alerts: readonly TracedAlert[];
  /** Where more follow: what `before` takes. */
  readonly next?: string;
}

/** A page of what was announced of a cluster, the newest incident first: when, to which topic, and who has it. */
export async function readAlertHistory(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<AlertHistory> {
  const { stores, notifier, deliveries } = dependencies;
  await clusterOrRefuse(dependencies, clusterId);
  const found = await stores.outgoingAlerts.history(clusterId, { limit: limit + 1, ...(before === undefined ? {} : { before }) });
  const page = found.slice(0, limit);
  const alerts = await refusing(() =>
    Promise.all(
      page.map(async (alert): Promise<TracedAlert> => {
        if (deliveries === null) return { ...alert, deliveries };
        if (alert.messageId === null) return { ...alert, deliveries: [] };
        const topicArn = await notifier.ensureTopic(alert.customerId, alert.level);
        return { ...alert, deliveries: await deliveries.ofMessage(topicArn, alert.messageId) };
      }),
    ),
  );
  const last = page.at(-1);
  return { alerts, ...(found.length > limit && last !== undefined ? { next: placeOf(last) } : {}) };
}
