import { createSign, type KeyObject } from "node:crypto";
import type { MessageAttributes } from "./message-attributes.ts";

export type MessageType = "Notification" | "SubscriptionConfirmation" | "UnsubscribeConfirmation";
export type SignatureVersion = "1" | "2";

/** What a subscriber reads, before it is signed. Keys and their order as SNS sends them; `Timestamp` is ISO 8601 UTC. */
export interface UnsignedMessage {
  readonly Type: MessageType;
  readonly MessageId: string;
  readonly Token?: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly SubscribeURL?: string;
  readonly Timestamp: string;
}

export interface SigningIdentity {
  readonly privateKey: KeyObject;
  /** Where subscribers fetch the certificate. */
  readonly certificateUrl: string;
}

const notificationKeys = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const;
const confirmationKeys = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const;

/** The text under the signature: each present key in the order of its type, name and value on a line of their own. */
export function stringToSign(message: UnsignedMessage): string {
  const keys = message.Type === "Notification" ? notificationKeys : confirmationKeys;
  return keys
    .filter((key) => message[key as keyof UnsignedMessage] !== undefined)
    .map((key) => `${key}\n${message[key as keyof UnsignedMessage]}\n`)
    .join("");
}

/** The HTTP body: version 1 signs with RSA and SHA-1, as AWS does by default, version 2 with SHA-256. */
export function signedBody(
  message: UnsignedMessage,
  version: SignatureVersion,
  identity: SigningIdentity,
  extra: { readonly UnsubscribeURL?: string; readonly MessageAttributes?: MessageAttributes },
): string {
  const signer = createSign(version === "1" ? "RSA-SHA1" : "RSA-SHA256").update(stringToSign(message), "utf8");
  const signature = {
    SignatureVersion: version,
    Signature: signer.sign(identity.privateKey, "base64"),
    SigningCertURL: identity.certificateUrl,
  };
  return JSON.stringify({ ...message, ...signature, ...extra });
}
