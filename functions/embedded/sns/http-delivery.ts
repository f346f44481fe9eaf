import { request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Delivery } from "./delivery-table.ts";
import { subscribeUrl, unsubscribeUrl } from "./message-links.ts";
import { type SigningIdentity, signedBody, type UnsignedMessage } from "./signed-message.ts";
import type { SubscriberNetworks } from "./subscriber-networks.ts";

/** As SNS: a subscriber that has not answered by then is taken for down. */
const attemptMsMax = 15_000;
/** Of an answer's body, which nobody reads. */
const answerBytesMax = 64 * 1_024;

/** In whose name, and where to, deliveries go. */
export interface HttpSender {
  readonly identity: SigningIdentity;
  /** Base of the links in messages. */
  readonly publicUrl: string;
  readonly networks: SubscriberNetworks;
}

/** Posts one delivery. Resolves on a 2xx; rejects with the reason otherwise. Redirects are not followed: the endpoint confirmed itself, not another. */
export async function deliverOverHttp(
  delivery: Delivery,
  { identity, publicUrl, networks }: HttpSender,
  signal: AbortSignal,
): Promise<void> {
  const raw = delivery.rawDelivery && delivery.message.type === "Notification";
  const body = raw ? bodyFor(delivery) : signedDelivery(delivery, identity, publicUrl);
  const url = new URL(delivery.endpoint);
  const problem = networks.problemOf(url);
  if (problem !== null) throw new Error(problem);
  const ending = AbortSignal.any([signal, AbortSignal.timeout(attemptMsMax)]);
  const status = await post(url, { headers: headersOf(delivery, raw), lookup: networks.lookup, signal: ending }, body);
  if (status < 200 || status > 299) throw new Error(`answered HTTP status ${status}`);
}

export function bodyFor(delivery: Delivery): string {
  return delivery.message.bodies[delivery.protocol] ?? delivery.message.bodies["default"] ?? "";
}

function signedDelivery(delivery: Delivery, identity: SigningIdentity, publicUrl: string): string {
  const { message, topicArn } = delivery;
  const notification = message.type === "Notification";
  const unsigned: UnsignedMessage = {
    Type: message.type,
    MessageId: message.messageId,
    ...(notification ? {} : { Token: delivery.token }),
    TopicArn: topicArn,
    ...(message.subject === null ? {} : { Subject: message.subject }),
    Message: bodyFor(delivery),
    ...(notification ? {} : { SubscribeURL: subscribeUrl(publicUrl, topicArn, delivery.token) }),
    Timestamp: new Date(message.publishedAtMs).toISOString(),
  };
  const attributes = Object.keys(message.attributes).length === 0 ? {} : { MessageAttributes: message.attributes };
  const extra = notification ? { UnsubscribeURL: unsubscribeUrl(publicUrl, delivery.subscriptionArn), ...attributes } : {};
  return signedBody(unsigned, delivery.signatureVersion, identity, extra);
}

function headersOf(delivery: Delivery, raw: boolean): OutgoingHttpHeaders {
  const { message } = delivery;
  return {
    "x-amz-sns-message-type": message.type,
    "x-amz-sns-message-id": message.messageId,
    "x-amz-sns-topic-arn": delivery.topicArn,
    ...(message.type === "SubscriptionConfirmation" ? {} : { "x-amz-sns-subscription-arn": delivery.subscriptionArn }),
    ...(raw ? { "x-amz-sns-rawdelivery": "true" } : {}),
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Understudy Notification Agent (SNS-compatible)",
  };
}

interface Way {
  readonly headers: OutgoingHttpHeaders;
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

function post(url: URL, { headers, lookup, signal }: Way, body: string): Promise<number> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const content = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const sized = { ...headers, "content-length": content.length };
    const posting = request(url, { method: "POST", headers: sized, lookup, agent: false, signal });
    posting.on("error", (cause) => reject(new Error(reasonOf(cause, signal), { cause })));
    posting.on("response", (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytesMax) response.destroy();
      });
      // The status is all that counts: an answer that breaks off after it has been heard.
      response.on("error", () => response.destroy());
      resolve(response.statusCode ?? 0);
    });
    posting.end(content);
  });
}

function reasonOf(cause: Error, signal: AbortSignal): string {
  const timedOut = signal.aborted && signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  if (timedOut) return `did not answer within ${attemptMsMax / 1_000} s`;
  // A name with several addresses fails with one error for each and no message of its own.
  return cause.message === "" ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : cause.message;
}
