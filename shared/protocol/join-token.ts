import { decode, encode } from "cborg";
import { base64url } from "jose";
import { z } from "zod";
import type { ClusterId } from "../domain/ids.ts";
import { clusterIdSchema } from "./id-schemas.ts";

/** What an operator copies from the console to a new server: where to enrol, what to expect there, and the secret that allows it once. */
export interface JoinToken {
  /** `https://host:port` of the control plane's API. */
  readonly apiUrl: string;
  /** SHA-256 (hex) of a certificate (DER) that must stand in the API's chain; absent where public roots are trusted. */
  readonly apiCaSha256?: string;
  readonly secret: string;
  readonly clusterId: ClusterId;
}

export type DecodedJoinToken = { readonly ok: true; readonly token: JoinToken } | { readonly ok: false; readonly reason: string };

const prefix = "us1.";
const textLengthMax = 1_024;

/** Short names, because people copy the text through terminals and chats. */
const bodySchema = z.strictObject({
  u: z.url({ protocol: /^https$/ }).max(300),
  p: z
    .instanceof(Uint8Array)
    .refine((pin) => pin.length === 32, "must have 32 bytes")
    .exactOptional(),
  s: z.string().min(20).max(200),
  c: clusterIdSchema,
});

/** `us1.` and base64url of CBOR. */
export function encodeJoinToken(token: JoinToken): string {
  const pin = token.apiCaSha256 === undefined ? {} : { p: bytesOfHex(token.apiCaSha256) };
  return prefix + base64url.encode(encode({ u: token.apiUrl, s: token.secret, c: token.clusterId, ...pin }));
}

/** Accepts spaces and line breaks around and inside the text, as terminals and mail add them. Never repeats the secret in a reason. */
export function decodeJoinToken(text: string): DecodedJoinToken {
  if (text.length > 2 * textLengthMax) return refused("it is far too long");
  const compact = text.replace(/\s+/g, "");
  if (compact.length > textLengthMax) return refused("it is too long");
  if (!compact.startsWith(prefix)) return refused(`it does not begin with "${prefix}"`);
  const body = bodySchema.safeParse(contentOf(compact.slice(prefix.length)));
  if (!body.success) return refused("it is cut off or mistyped");
  const { u: apiUrl, p: pin, s: secret, c: clusterId } = body.data;
  return { ok: true, token: { apiUrl, secret, clusterId, ...(pin === undefined ? {} : { apiCaSha256: hexOf(pin) }) } };
}

/** Undefined where it is no base64url of CBOR. */
function contentOf(text: string): unknown {
  try {
    return decode(base64url.decode(text), { strict: true, rejectDuplicateMapKeys: true });
  } catch {
    return undefined;
  }
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function refused(why: string): DecodedJoinToken {
  return { ok: false, reason: `this is not a join token: ${why}. Copy the whole token again, or create a new one in the console.` };
}
