import type { CustomerId } from "../../shared/domain/ids.ts";
import { type AlertLevel, alertLevels } from "../../shared/domain/incidents/announce.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Subscription, SubscriptionRequest } from "../notify/notifier.ts";
import { audited } from "./audited.ts";
import { customerOrRefuse } from "./find-or-refuse.ts";
import { refusing } from "./notifier-refusal.ts";
import { Refusal } from "./refusal.ts";

/** A subscription, and what it is for. */
export interface LevelledSubscription extends Subscription {
  readonly level: AlertLevel;
}

export type NewSubscription = SubscriptionRequest & { readonly level?: AlertLevel };

/** Asks the endpoint to confirm; the customer's alerts of that level reach it from then on. Idempotent for the same endpoint. */
export async function subscribeAlerts(
  dependencies: Dependencies,
  customerId: CustomerId,
  { level = "first", ...request }: NewSubscription,
): Promise<LevelledSubscription> {
  await customerOrRefuse(dependencies, customerId);
  return refusing(async () => {
    const topic = await dependencies.notifier.ensureTopic(customerId, level);
    const after = { ...request, level, endpoint: withoutSecrets(request.endpoint) };
    const change = { action: "alert-subscription.created", customerId, subject: after.endpoint, after } as const;
    const answer = await audited(dependencies, change, () => dependencies.notifier.subscribe(topic, request));
    return { ...request, level, ...answer };
  });
}

export async function listSubscriptions(dependencies: Dependencies, customerId: CustomerId): Promise<readonly LevelledSubscription[]> {
  const { notifier } = dependencies;
  await customerOrRefuse(dependencies, customerId);
  return refusing(async () => {
    const found = await Promise.all(
      alertLevels.map(async (level) => notifier.subscriptions(await notifier.ensureTopic(customerId, level))),
    );
    return alertLevels.flatMap((level, index) => (found[index] ?? []).map((subscription) => ({ ...subscription, level })));
  });
}

/** Ends a subscription of this customer; one of somebody else is as unknown as one that never was. */
export async function unsubscribeAlerts(dependencies: Dependencies, customerId: CustomerId, subscriptionId: string): Promise<void> {
  const own = await listSubscriptions(dependencies, customerId);
  const found = own.find((subscription) => subscription.subscriptionId === subscriptionId);
  if (found === undefined) {
    const message = `customer ${customerId} has no confirmed subscription with this id`;
    throw new Refusal("not-found", message, "List the customer's subscriptions to find the id of a confirmed one.");
  }
  const before = { protocol: found.protocol, endpoint: withoutSecrets(found.endpoint) };
  const change = { action: "alert-subscription.ended", customerId, subject: before.endpoint, before } as const;
  await refusing(() => audited(dependencies, change, () => dependencies.notifier.unsubscribe(subscriptionId)));
}

/** A webhook's address may carry a password or a token, which the audit log must not keep. */
function withoutSecrets(endpoint: string): string {
  const url = URL.parse(endpoint);
  return url === null || url.host === "" ? endpoint : `${url.origin}${url.pathname}${url.search === "" ? "" : "?..."}`;
}
