import { randomUUID } from "node:crypto";
import type { StoredMessage } from "./delivery-table.ts";
import { type Action, type EndpointContext, topicOf } from "./endpoint-context.ts";
import { parseFilterPolicy } from "./filter-policy.ts";
import { readMessageAttributes } from "./message-attributes.ts";
import { invalidParameter, QueryError } from "./query-error.ts";
import type { QueryRequest } from "./query-request.ts";
import { type XmlElement, xmlList } from "./query-xml.ts";
import { inTransaction } from "./sns-database.ts";

const messageBytesMax = 256 * 1_024;
const subjectLengthMax = 100;
const batchEntriesMax = 10;

/** Answers once each confirmed subscription that the message is for has its delivery on the disk. */
export const publish: Action = (request, context) => {
  for (const elsewhere of ["TargetArn", "PhoneNumber"]) {
    if (request.optional(elsewhere) !== undefined) throw invalidParameter(elsewhere, "this endpoint publishes to topics only");
  }
  const { topicArn } = topicOf(request, context);
  const message = readMessage(request, "", context);
  const messageId = inTransaction(context.db, () => enqueue(message, topicArn, context));
  context.wake();
  return [["MessageId", messageId]];
};

/** Each entry stands alone: a bad one is reported as failed, and the others go out. */
export const publishBatch: Action = (request, context) => {
  const { topicArn } = topicOf(request, context);
  const entries = request.prefixes("PublishBatchRequestEntries.member");
  const ids = entries.map((entry) => request.required(`${entry}.Id`));
  checkBatch(ids);
  const messages: { readonly id: string; readonly message: StoredMessage }[] = [];
  const failed: (readonly XmlElement[])[] = [];
  for (const [index, entry] of entries.entries()) {
    const id = ids[index] ?? "";
    try {
      messages.push({ id, message: readMessage(request, `${entry}.`, context) });
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      failed.push([
        ["Id", id],
        ["Code", error.code],
        ["Message", error.message],
        ["SenderFault", "true"],
      ]);
    }
  }
  if (messages.reduce((bytes, { message }) => bytes + bytesOf(message), 0) > messageBytesMax) {
    throw new QueryError("BatchRequestTooLong", `The messages of a batch may hold ${messageBytesMax} bytes together`);
  }
  const messageIds = inTransaction(context.db, () => messages.map(({ message }) => enqueue(message, topicArn, context)));
  context.wake();
  const successful = messages.map(({ id }, index): readonly XmlElement[] => [
    ["Id", id],
    ["MessageId", messageIds[index] ?? ""],
  ]);
  return [xmlList("Successful", successful), xmlList("Failed", failed)];
};

function checkBatch(ids: readonly string[]): void {
  if (ids.length === 0) throw new QueryError("EmptyBatchRequest", "The batch request holds no entry");
  if (ids.length > batchEntriesMax)
    throw new QueryError("TooManyEntriesInBatchRequest", `The batch request holds more than ${batchEntriesMax} entries`);
  if (new Set(ids).size < ids.length) throw new QueryError("BatchEntryIdsNotDistinct", "Two entries of the batch request have the same Id");
  const odd = ids.find((id) => !/^[\w-]{1,80}$/.test(id));
  if (odd !== undefined) throw new QueryError("InvalidBatchEntryId", "An Id must hold 1 to 80 letters, digits, hyphens or underscores");
}

/** Returns the id under which it goes out: that of an earlier one where this is a repeat, which goes to nobody again. */
function enqueue(message: StoredMessage, topicArn: string, context: EndpointContext): string {
  const { Value: name } = message.attributes[context.deduplicateBy ?? ""] ?? {};
  const earlier = name === undefined ? null : context.published.noteUnlessKnown(topicArn, name, message);
  if (earlier !== null) return earlier;
  const chosen = context.subscriptions
    .confirmed(topicArn)
    .filter(({ filterPolicy }) => filterPolicy === null || parseFilterPolicy(filterPolicy)(message.attributes));
  context.deliveries.enqueue(
    message,
    chosen.map((subscription) => subscription.subscriptionArn),
  );
  return message.messageId;
}

function readMessage(request: QueryRequest, prefix: string, context: EndpointContext): StoredMessage {
  const message: StoredMessage = {
    messageId: randomUUID(),
    type: "Notification",
    subject: readSubject(request.optional(`${prefix}Subject`)),
    bodies: readBodies(request.required(`${prefix}Message`), request.optional(`${prefix}MessageStructure`)),
    attributes: readMessageAttributes(request, `${prefix}MessageAttributes`),
    publishedAtMs: context.nowMs(),
  };
  if (bytesOf(message) > messageBytesMax) throw invalidParameter("Message", `longer than ${messageBytesMax} bytes`);
  return message;
}

function readSubject(subject: string | undefined): string | null {
  if (subject === undefined || subject === "") return null;
  if (subject.length > subjectLengthMax || !/^[\x21-\x7e][\x20-\x7e]*$/.test(subject)) {
    throw invalidParameter("Subject", `must be one line of printable ASCII, at most ${subjectLengthMax} characters, the first not a space`);
  }
  return subject;
}

function readBodies(message: string, structure: string | undefined): Readonly<Record<string, string>> {
  if (structure === undefined || structure === "") return { default: message };
  if (structure !== "json") throw invalidParameter("MessageStructure", "must be json where it is given");
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalidParameter("Message Structure", "JSON message body failed to parse");
  }
  const bodies = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {}).filter(([, text]) => typeof text === "string");
  if (!bodies.some(([protocol]) => protocol === "default"))
    throw invalidParameter("Message Structure", "No default entry in JSON message body");
  return Object.fromEntries(bodies) as Record<string, string>;
}

function bytesOf(message: StoredMessage): number {
  const attributes = Object.entries(message.attributes).flatMap(([name, { Type, Value }]) => [name, Type, Value]);
  return [...Object.values(message.bodies), ...attributes].reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}
