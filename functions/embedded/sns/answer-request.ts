import type { Action, Caller, EndpointContext } from "./endpoint-context.ts";
import { publish, publishBatch } from "./publish-actions.ts";
import { QueryError } from "./query-error.ts";
import type { QueryRequest } from "./query-request.ts";
import { successXml } from "./query-xml.ts";
import * as subscriptions from "./subscription-actions.ts";
import { listSubscriptions, listSubscriptionsByTopic } from "./subscription-lists.ts";
import * as topics from "./topic-actions.ts";

const actions: Readonly<Record<string, Action>> = {
  CreateTopic: topics.createTopic,
  DeleteTopic: topics.deleteTopic,
  ListTopics: topics.listTopics,
  GetTopicAttributes: topics.getTopicAttributes,
  SetTopicAttributes: topics.setTopicAttributes,
  Subscribe: subscriptions.subscribe,
  ConfirmSubscription: subscriptions.confirmSubscription,
  Unsubscribe: subscriptions.unsubscribe,
  GetSubscriptionAttributes: subscriptions.getSubscriptionAttributes,
  SetSubscriptionAttributes: subscriptions.setSubscriptionAttributes,
  ListSubscriptions: listSubscriptions,
  ListSubscriptionsByTopic: listSubscriptionsByTopic,
  Publish: publish,
  PublishBatch: publishBatch,
};

/** What the links in messages call: their token or ARN is the right to do so. */
const linkActions: ReadonlySet<string> = new Set(["ConfirmSubscription", "Unsubscribe"]);

export function isLinkAction(action: string): boolean {
  return linkActions.has(action);
}

/** Carries out one call whose right to be made has been checked. Returns the XML; throws a QueryError to refuse. */
export function answerRequest(request: QueryRequest, context: EndpointContext, caller: Caller, requestId: string): string {
  const action = Object.hasOwn(actions, request.action) ? actions[request.action] : undefined;
  if (action === undefined) {
    throw new QueryError("InvalidAction", `The action ${request.action.slice(0, 64)} is not valid for this web service.`);
  }
  return successXml(request.action, action(request, context, caller), requestId);
}
