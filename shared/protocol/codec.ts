import { decode, encode } from "cborg";
import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { PeerMessage } from "../domain/failover/messages.ts";
import type { NodeId } from "../domain/ids.ts";
import { heartbeatSchema } from "./heartbeat.ts";
import { nodeIdSchema } from "./id-schemas.ts";
import {
  awaySchema,
  leaseGrantSchema,
  leaseRefusalSchema,
  leaseReleaseSchema,
  leaseRequestSchema,
  longGrantSchema,
  longRequestSchema,
} from "./lease-messages.ts";

/** The newest signed cluster document, from one node to another (a compact JWS; the receiver checks the signature). */
export interface DocumentMessage {
  readonly type: "document";
  readonly from: NodeId;
  readonly jws: string;
}

/** Everything that one node may publish to another. */
export type LanMessage = PeerMessage | DocumentMessage;

export type Decoded<Message> = { readonly ok: true; readonly message: Message } | { readonly ok: false; readonly reason: string };

export const peerMessageSchema = z.discriminatedUnion("type", [
  heartbeatSchema,
  leaseRequestSchema,
  leaseGrantSchema,
  leaseRefusalSchema,
  leaseReleaseSchema,
  longRequestSchema,
  longGrantSchema,
  awaySchema,
]) satisfies z.ZodType<PeerMessage>;

export const documentMessageSchema = z.strictObject({
  type: z.literal("document"),
  from: nodeIdSchema,
  jws: z.string().min(1).max(limits.clusterDocumentBytesMax),
}) satisfies z.ZodType<DocumentMessage>;

const lanMessageSchema = z.discriminatedUnion("type", [...peerMessageSchema.options, documentMessageSchema]);

/** A document may fill its own limit; its envelope needs a little more. */
const documentMessageBytesMax = limits.clusterDocumentBytesMax + 256;

/** CBOR. Throws RangeError where the message is larger than any receiver takes: it should have been kept smaller where it was made. */
export function encodePeerMessage(message: PeerMessage): Uint8Array {
  return encodeWithin(message, limits.lanMessageBytesMax);
}

export function encodeLanMessage(message: LanMessage): Uint8Array {
  return encodeWithin(message, message.type === "document" ? documentMessageBytesMax : limits.lanMessageBytesMax);
}

/** Checks size, form and every field. The reason is for the log: it never repeats what the message held. */
export function decodePeerMessage(bytes: Uint8Array): Decoded<PeerMessage> {
  if (bytes.byteLength > limits.lanMessageBytesMax) return tooLarge(bytes, limits.lanMessageBytesMax);
  return check(bytes, peerMessageSchema);
}

export function decodeLanMessage(bytes: Uint8Array): Decoded<LanMessage> {
  if (bytes.byteLength > documentMessageBytesMax) return tooLarge(bytes, documentMessageBytesMax);
  const decoded = check<LanMessage>(bytes, lanMessageSchema);
  if (!decoded.ok || decoded.message.type === "document" || bytes.byteLength <= limits.lanMessageBytesMax) return decoded;
  return tooLarge(bytes, limits.lanMessageBytesMax);
}

function encodeWithin(message: LanMessage, bytesMax: number): Uint8Array {
  const bytes = encode(message, { ignoreUndefinedProperties: true });
  if (bytes.byteLength > bytesMax) throw new RangeError(`a ${message.type} of ${bytes.byteLength} bytes exceeds the limit of ${bytesMax}`);
  return bytes;
}

function check<Message>(bytes: Uint8Array, schema: z.ZodType<Message>): Decoded<Message> {
  let value: unknown;
  try {
    value = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    });
  } catch {
    return { ok: false, reason: "the message is not CBOR of the kind that nodes send" };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const paths = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.map(fieldName).join(".") || "type"}: ${issue.code}`);
  return { ok: false, reason: `the message does not fit its schema (${paths.join(", ")})` };
}

/** Names of a map's entries are what the sender has chosen. */
function fieldName(part: PropertyKey): string {
  return typeof part === "number" || /^[a-zA-Z]{1,40}$/.test(String(part)) ? String(part) : "*";
}

function tooLarge(bytes: Uint8Array, bytesMax: number): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason: `the message has ${bytes.byteLength} bytes, more than the ${bytesMax} that are allowed` };
}
