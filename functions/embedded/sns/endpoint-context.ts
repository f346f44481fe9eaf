import type { DatabaseSync } from "node:sqlite";
import type { DeliveryTable } from "./delivery-table.ts";
import type { PublishedTable } from "./published-table.ts";
import { invalidParameter, QueryError } from "./query-error.ts";
import type { QueryRequest } from "./query-request.ts";
import type { XmlElement } from "./query-xml.ts";
import type { SubscriberNetworks } from "./subscriber-networks.ts";
import type { SubscriptionTable } from "./subscription-table.ts";
import type { Topic, TopicTable } from "./topic-table.ts";

/** What an action works with. */
export interface EndpointContext {
  readonly db: DatabaseSync;
  readonly topics: TopicTable;
  readonly subscriptions: SubscriptionTable;
  readonly deliveries: DeliveryTable;
  readonly published: PublishedTable;
  readonly region: string;
  readonly accountId: string;
  readonly emailEnabled: boolean;
  /** Where subscribers may be. */
  readonly networks: SubscriberNetworks;
  readonly deduplicateBy: string | null;
  readonly nowMs: () => number;
  /** Tells the worker that something may be due. */
  readonly wake: () => void;
}

/** `anonymous`: came over a link of a message, with no signature. */
export type Caller = "signed" | "anonymous";

/** One action of the API: its result, or null where it has none. Throws a QueryError to refuse. */
export type Action = (request: QueryRequest, context: EndpointContext, caller: Caller) => readonly XmlElement[] | null;

/** How many rows a list answers at once, as SNS. */
export const pageSize = 100;

export function topicOf(request: QueryRequest, context: EndpointContext): Topic {
  const topicArn = request.required("TopicArn");
  if (!/^arn:aws:sns:[^:]+:\d{12}:[\w-]{1,256}$/.test(topicArn)) throw invalidParameter("TopicArn", "not a topic's ARN");
  const topic = context.topics.find(topicArn);
  if (topic === null) throw new QueryError("NotFound", "Topic does not exist");
  return topic;
}

/** The ARN after which the page starts; the empty string for the first. */
export function readNextToken(request: QueryRequest): string {
  const token = request.optional("NextToken");
  if (token === undefined || token === "") return "";
  const arn = Buffer.from(token, "base64url").toString();
  if (!arn.startsWith("arn:aws:sns:")) throw invalidParameter("NextToken", "not one that this endpoint gave");
  return arn;
}

/** A list, and the token of the next page where this one is full. `rows` holds one more than the page to tell. */
export function nextTokenXml<Row>(rows: readonly Row[], arnOf: (row: Row) => string): readonly XmlElement[] {
  const last = rows[pageSize - 1];
  return rows.length > pageSize && last !== undefined ? [["NextToken", Buffer.from(arnOf(last)).toString("base64url")]] : [];
}
