import type { AlertDeliveries } from "../notify/deliveries.ts";
import type { SnsEndpoint } from "./sns/start-sns-endpoint.ts";

/** What the endpoint in this process remembers. */
export function endpointDeliveries(endpoint: Pick<SnsEndpoint, "reports" | "deadLetters" | "redrive">): AlertDeliveries {
  return {
    ofMessage: async (topicArn, messageId) => endpoint.reports(messageId).filter((report) => report.topicArn === topicArn),
    dead: async (topicArn, afterId) => endpoint.deadLetters(afterId, topicArn),
    redrive: async (topicArn, deliveryId) => endpoint.redrive(deliveryId ?? undefined, topicArn),
  };
}
