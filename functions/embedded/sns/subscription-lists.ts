import { type Action, type EndpointContext, nextTokenXml, pageSize, readNextToken, topicOf } from "./endpoint-context.ts";
import type { QueryRequest } from "./query-request.ts";
import { type XmlElement, xmlList } from "./query-xml.ts";

export const listSubscriptions: Action = (request, context) => page(request, context, null);

export const listSubscriptionsByTopic: Action = (request, context) => page(request, context, topicOf(request, context).topicArn);

/** A pending subscription shows no ARN, as in SNS: whoever reads the list could take it back otherwise. */
function page(request: QueryRequest, context: EndpointContext, topicArn: string | null): readonly XmlElement[] {
  const rows = context.subscriptions.page(topicArn, readNextToken(request), pageSize + 1);
  const members = rows.slice(0, pageSize).map((subscription): readonly XmlElement[] => [
    ["SubscriptionArn", subscription.state === "pending" ? "PendingConfirmation" : subscription.subscriptionArn],
    ["Owner", context.accountId],
    ["Protocol", subscription.protocol],
    ["Endpoint", subscription.endpoint],
    ["TopicArn", subscription.topicArn],
  ]);
  return [xmlList("Subscriptions", members), ...nextTokenXml(rows, (subscription) => subscription.subscriptionArn)];
}
