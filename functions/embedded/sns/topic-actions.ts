import { type Action, type EndpointContext, nextTokenXml, pageSize, readNextToken, topicOf } from "./endpoint-context.ts";
import { invalidParameter, QueryError } from "./query-error.ts";
import { xmlList, xmlMap } from "./query-xml.ts";
import type { SignatureVersion } from "./signed-message.ts";
import type { Topic } from "./topic-table.ts";

const topicsMax = 100_000;
const displayNameLengthMax = 100;

/** Idempotent; attributes that differ from those of a topic of the same name are refused, as SNS does. */
export const createTopic: Action = (request, context) => {
  const name = request.required("Name");
  if (!/^[\w-]{1,256}$/.test(name)) throw invalidParameter("Topic Name", "must hold 1 to 256 letters, digits, hyphens or underscores");
  if (request.prefixes("Tags.member").length > 0) throw invalidParameter("Tags", "tags are not supported by this endpoint");
  const topicArn = `arn:aws:sns:${context.region}:${context.accountId}:${name}`;
  const given = [...request.attributes()];
  const existing = context.topics.find(topicArn);
  const before: Topic = existing ?? { topicArn, displayName: "", signatureVersion: "1" };
  const wanted = given.reduce((topic, [attribute, value]) => withAttribute(topic, attribute, value), before);
  if (existing === null) {
    if (context.topics.count() >= topicsMax) throw new QueryError("TopicLimitExceeded", `More than ${topicsMax} topics`);
    context.topics.put(wanted);
  } else if (wanted.displayName !== existing.displayName || wanted.signatureVersion !== existing.signatureVersion) {
    throw invalidParameter("Attributes", "Topic already exists with different attributes");
  }
  return [["TopicArn", topicArn]];
};

export const deleteTopic: Action = (request, context) => {
  context.topics.delete(request.required("TopicArn"));
  return null;
};

export const listTopics: Action = (request, context) => {
  const rows = context.topics.page(readNextToken(request), pageSize + 1);
  const page = rows.slice(0, pageSize).map((topic) => [["TopicArn", topic.topicArn] as const]);
  return [xmlList("Topics", page), ...nextTokenXml(rows, (topic) => topic.topicArn)];
};

export const getTopicAttributes: Action = (request, context) => [xmlMap("Attributes", topicAttributes(topicOf(request, context), context))];

export const setTopicAttributes: Action = (request, context) => {
  const topic = topicOf(request, context);
  context.topics.put(withAttribute(topic, request.required("AttributeName"), request.optional("AttributeValue") ?? ""));
  return null;
};

function topicAttributes(topic: Topic, context: EndpointContext): Record<string, string> {
  const counts = context.subscriptions.counts(topic.topicArn);
  return {
    TopicArn: topic.topicArn,
    Owner: context.accountId,
    DisplayName: topic.displayName,
    SignatureVersion: topic.signatureVersion,
    SubscriptionsConfirmed: String(counts.confirmed),
    SubscriptionsPending: String(counts.pending),
    SubscriptionsDeleted: String(counts.deleted),
  };
}

function withAttribute(topic: Topic, name: string, value: string): Topic {
  switch (name) {
    case "DisplayName":
      if (value.length > displayNameLengthMax || /\p{Cc}/u.test(value)) {
        throw invalidParameter("DisplayName", `at most ${displayNameLengthMax} characters, none of them control characters`);
      }
      return { ...topic, displayName: value };
    case "SignatureVersion":
      if (value !== "1" && value !== "2") throw invalidParameter("SignatureVersion", "must be 1 or 2");
      return { ...topic, signatureVersion: value satisfies SignatureVersion };
    default:
      throw invalidParameter(
        "Attributes",
        `${name.slice(0, 64)} is not supported by this endpoint, which knows DisplayName and SignatureVersion`,
      );
  }
}
