import { randomBytes, randomUUID } from "node:crypto";
import { type Action, type EndpointContext, topicOf } from "./endpoint-context.ts";
import { parseFilterPolicy } from "./filter-policy.ts";
import { invalidParameter, QueryError } from "./query-error.ts";
import type { QueryRequest } from "./query-request.ts";
import { xmlMap } from "./query-xml.ts";
import type { MessageType } from "./signed-message.ts";
import { inTransaction } from "./sns-database.ts";
import { checkEndpoint, readProtocol } from "./subscriber-endpoint.ts";
import type { Subscription } from "./subscription-table.ts";

const tokenLifetimeMs = 3 * 24 * 60 * 60_000;
const subscriptionsPerTopicMax = 1_000;

/** Pending until the endpoint confirms; asking again for a pending one sends the confirmation again. */
export const subscribe: Action = (request, context) => {
  const topic = topicOf(request, context);
  const protocol = readProtocol(request.required("Protocol"), context.emailEnabled);
  const endpoint = request.required("Endpoint");
  checkEndpoint(protocol, endpoint, context.networks);
  const fresh: Subscription = {
    subscriptionArn: `${topic.topicArn}:${randomUUID()}`,
    topicArn: topic.topicArn,
    protocol,
    endpoint,
    filterPolicy: null,
    rawDelivery: false,
    state: "pending",
    unsubscribeNeedsSignature: false,
    ...newToken(context),
  };
  const wanted = [...request.attributes()].reduce((subscription, [name, value]) => withAttribute(subscription, name, value), fresh);
  const existing = context.subscriptions.findEndpoint(topic.topicArn, protocol, endpoint);
  const subscription =
    existing === null || existing.state === "deleted" ? added(wanted, existing, context) : repeated(wanted, existing, context);
  const tellArn = subscription.state === "confirmed" || request.flag("ReturnSubscriptionArn");
  return [["SubscriptionArn", tellArn ? subscription.subscriptionArn : "pending confirmation"]];
};

function added(wanted: Subscription, deleted: Subscription | null, context: EndpointContext): Subscription {
  const counts = context.subscriptions.counts(wanted.topicArn);
  if (counts.confirmed + counts.pending >= subscriptionsPerTopicMax) {
    throw new QueryError("SubscriptionLimitExceeded", `More than ${subscriptionsPerTopicMax} subscriptions to one topic`);
  }
  inTransaction(context.db, () => {
    if (deleted !== null) context.subscriptions.delete(deleted.subscriptionArn);
    context.subscriptions.put(wanted);
    askToConfirm(wanted, "SubscriptionConfirmation", context);
  });
  context.wake();
  return wanted;
}

/** A pending one keeps its token, so that a confirmation already under way still counts. */
function repeated(wanted: Subscription, existing: Subscription, context: EndpointContext): Subscription {
  if (wanted.filterPolicy !== existing.filterPolicy || wanted.rawDelivery !== existing.rawDelivery) {
    throw invalidParameter("Attributes", "Subscription already exists with different attributes");
  }
  if (existing.state === "confirmed") return existing;
  const pending = { ...existing, tokenExpiresAtMs: context.nowMs() + tokenLifetimeMs };
  inTransaction(context.db, () => {
    context.deliveries.dropOf(existing.subscriptionArn);
    context.subscriptions.put(pending);
    askToConfirm(pending, "SubscriptionConfirmation", context);
  });
  context.wake();
  return pending;
}

/** Idempotent for a token until it lapses. `AuthenticateOnUnsubscribe` counts only in a signed call. */
export const confirmSubscription: Action = (request, context, caller) => {
  const topic = topicOf(request, context);
  const found = context.subscriptions.findToken(topic.topicArn, request.required("Token"));
  if (found === null || found.tokenExpiresAtMs <= context.nowMs()) throw invalidParameter("Token", "unknown or expired; subscribe again");
  const needsSignature = caller === "signed" && request.flag("AuthenticateOnUnsubscribe");
  context.subscriptions.put({ ...found, state: "confirmed", unsubscribeNeedsSignature: found.unsubscribeNeedsSignature || needsSignature });
  return [["SubscriptionArn", found.subscriptionArn]];
};

/** Over the link of a message the endpoint is told, and may take it back with the token; in a signed call it is gone at once. */
export const unsubscribe: Action = (request, context, caller) => {
  const subscriptionArn = request.required("SubscriptionArn");
  if (!subscriptionArn.startsWith("arn:aws:sns:")) throw invalidParameter("SubscriptionArn", "not a subscription's ARN");
  const found = context.subscriptions.find(subscriptionArn);
  if (found === null || found.state === "deleted") return null;
  if (found.state === "pending") {
    throw invalidParameter(
      "SubscriptionArn",
      "the subscription is pending confirmation; it lapses by itself three days after it was asked for",
    );
  }
  if (caller === "signed") {
    context.subscriptions.delete(subscriptionArn);
    return null;
  }
  if (found.unsubscribeNeedsSignature)
    throw new QueryError("AuthorizationError", "This subscription can only be cancelled by a signed request");
  const deleted: Subscription = { ...found, state: "deleted", ...newToken(context) };
  inTransaction(context.db, () => {
    context.deliveries.dropOf(subscriptionArn);
    context.subscriptions.put(deleted);
    askToConfirm(deleted, "UnsubscribeConfirmation", context);
  });
  context.wake();
  return null;
};

export const getSubscriptionAttributes: Action = (request, context) => {
  const subscription = subscriptionOf(request, context);
  return [
    xmlMap("Attributes", {
      SubscriptionArn: subscription.subscriptionArn,
      TopicArn: subscription.topicArn,
      Owner: context.accountId,
      Protocol: subscription.protocol,
      Endpoint: subscription.endpoint,
      PendingConfirmation: String(subscription.state === "pending"),
      ConfirmationWasAuthenticated: String(subscription.unsubscribeNeedsSignature),
      RawMessageDelivery: String(subscription.rawDelivery),
      ...(subscription.filterPolicy === null ? {} : { FilterPolicy: subscription.filterPolicy, FilterPolicyScope: "MessageAttributes" }),
    }),
  ];
};

export const setSubscriptionAttributes: Action = (request, context) => {
  const value = request.optional("AttributeValue") ?? "";
  context.subscriptions.put(withAttribute(subscriptionOf(request, context), request.required("AttributeName"), value));
  return null;
};

function subscriptionOf(request: QueryRequest, context: EndpointContext): Subscription {
  const found = context.subscriptions.find(request.required("SubscriptionArn"));
  if (found === null || found.state === "deleted") throw new QueryError("NotFound", "Subscription does not exist");
  return found;
}

function withAttribute(subscription: Subscription, name: string, value: string): Subscription {
  switch (name) {
    case "FilterPolicy":
      if (value === "" || value.trim() === "{}") return { ...subscription, filterPolicy: null };
      parseFilterPolicy(value);
      return { ...subscription, filterPolicy: value };
    case "FilterPolicyScope":
      if (value !== "MessageAttributes") throw invalidParameter("FilterPolicyScope", "this endpoint filters by MessageAttributes only");
      return subscription;
    case "RawMessageDelivery":
      if (value !== "true" && value !== "false") throw invalidParameter("RawMessageDelivery", "must be true or false");
      if (value === "true" && subscription.protocol === "email") throw invalidParameter("RawMessageDelivery", "not for e-mail");
      return { ...subscription, rawDelivery: value === "true" };
    case "RedrivePolicy":
      throw invalidParameter("RedrivePolicy", "this endpoint has no queues to send to: it keeps its dead letters itself");
    default:
      throw invalidParameter("AttributeName", `${name.slice(0, 64)} is not supported by this endpoint`);
  }
}

function newToken(context: EndpointContext): Pick<Subscription, "token" | "tokenExpiresAtMs"> {
  return { token: randomBytes(64).toString("hex"), tokenExpiresAtMs: context.nowMs() + tokenLifetimeMs };
}

function askToConfirm(subscription: Subscription, type: MessageType, context: EndpointContext): void {
  const { topicArn, subscriptionArn } = subscription;
  const text =
    type === "SubscriptionConfirmation"
      ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
      : `You have chosen to deactivate subscription ${subscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  const message = {
    messageId: randomUUID(),
    type,
    subject: null,
    bodies: { default: text },
    attributes: {},
    publishedAtMs: context.nowMs(),
  };
  context.deliveries.enqueue(message, [subscriptionArn]);
}
