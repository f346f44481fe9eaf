import type { DeadAlert } from "../../notify/deliveries.ts";
import type { Delivery } from "./delivery-table.ts";

/** A delivery that was given up after its last attempt. */
export interface DeadLetter extends DeadAlert {
  readonly topicArn: string;
  readonly subscriptionArn: string;
}

export function deadLetterOf(delivery: Delivery): DeadLetter {
  return {
    deliveryId: delivery.deliveryId,
    topicArn: delivery.topicArn,
    subscriptionArn: delivery.subscriptionArn,
    protocol: delivery.protocol,
    endpoint: delivery.endpoint,
    messageId: delivery.message.messageId,
    attempts: delivery.failures,
    reason: delivery.lastError ?? "",
    diedAt: new Date(delivery.deadAtMs ?? 0).toISOString(),
  };
}
