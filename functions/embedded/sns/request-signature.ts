import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { QueryError } from "./query-error.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const algorithm = "AWS4-HMAC-SHA256";
const clockSkewMsMax = 15 * 60_000;

/**
 * Checks an AWS signature, version 4, in the Authorization header (presigned URLs are not accepted). Throws what AWS
 * answers: MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, SignatureDoesNotMatch.
 */
export function checkSignature(request: ReceivedRequest, region: string, credentials: Credentials, nowMs: number): void {
  const header = request.headers["authorization"];
  if (header === undefined) throw new QueryError("MissingAuthenticationToken", "Request is missing Authentication Token");
  const { credential, signedHeaders, signature } = parseAuthorization(header);
  const [accessKeyId, day, scopeRegion, service, terminator] = credential.split("/");
  if (accessKeyId !== credentials.accessKeyId) {
    throw new QueryError("InvalidClientTokenId", "The security token included in the request is invalid.");
  }
  const at = request.headers["x-amz-date"] ?? "";
  checkAge(at, nowMs);
  if (day !== at.slice(0, 8) || scopeRegion !== region || service !== "sns" || terminator !== "aws4_request") {
    throw new QueryError("SignatureDoesNotMatch", `Credential should be scoped to ${at.slice(0, 8)}/${region}/sns/aws4_request.`);
  }
  const scope = `${day}/${region}/sns/aws4_request`;
  const toSign = [algorithm, at, scope, sha256Hex(canonicalRequest(request, signedHeaders))].join("\n");
  const expected = hmac(signingKey(credentials.secretAccessKey, day, region), toSign);
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new QueryError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    );
  }
}

function parseAuthorization(header: string): { credential: string; signedHeaders: readonly string[]; signature: string } {
  const found = /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(header);
  if (found === null) {
    throw new QueryError("IncompleteSignature", `Authorization header must be ${algorithm} with Credential, SignedHeaders and Signature.`);
  }
  const [, credential = "", names = "", signature = ""] = found;
  const signedHeaders = names.split(";");
  const missing = ["host", "x-amz-date"].find((name) => !signedHeaders.includes(name));
  if (missing !== undefined) throw new QueryError("IncompleteSignature", `The header ${missing} must be signed.`);
  return { credential, signedHeaders, signature };
}

function checkAge(at: string, nowMs: number): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(at);
  if (parts === null) throw new QueryError("IncompleteSignature", "X-Amz-Date must look like 20260131T235959Z.");
  const [, year, month, day, hour, minute, second] = parts;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(Math.abs(nowMs - atMs) <= clockSkewMsMax)) {
    const now = new Date(nowMs).toISOString();
    throw new QueryError("SignatureDoesNotMatch", `Signature expired: ${at} is more than 15 minutes away from ${now}.`);
  }
}

function canonicalRequest(request: ReceivedRequest, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}\n`).join("");
  const query = canonicalQuery(request.query);
  return [request.method, request.path, query, headers, signedHeaders.join(";"), sha256Hex(request.body)].join("\n");
}

function canonicalQuery(query: string): string {
  return Array.from(new URLSearchParams(query), ([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signingKey(secret: string, day: string, region: string): Buffer {
  return [day, region, "sns", "aws4_request"].reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
