import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { barrierMsMax } from "../local/barrier-answer.ts";
import { parseJson } from "../storage/parse-json.ts";
import { RecordProblem } from "./record-problem.ts";
import type { WriteCondition } from "./record-request.ts";

export const watchSecondsMax = 60;

/** No control characters, and none that no text has. */
const keyPart = z
  .string()
  .max(limits.recordKeyCharactersMax)
  .regex(/^[^\p{Cc}\p{Cs}\u{10ffff}]*$/u, "must not hold control characters");
const whole = (max: number, min = 1) => z.coerce.number().int().min(min).max(max);

const keySchema = keyPart.min(1);
export const listQuery = z.strictObject({
  prefix: keyPart.default(""),
  after: keyPart.default(""),
  limit: whole(limits.recordsPerPageMax).default(100),
});
/** `after`: a position as it came with a list or an earlier answer. */
export const changesQuery = z.strictObject({
  prefix: keyPart.default(""),
  after: z.string().min(1).max(200).optional(),
  waitSeconds: whole(watchSecondsMax, 0).default(0),
});
/** `forward`: where this node is not the writer, it passes the write on to the one that is. */
const durability = {
  forward: z.enum(["true", "false"]).default("false"),
  durability: z.enum(["local", "replicated"]).default("local"),
  timeoutMs: whole(barrierMsMax).default(10_000),
};
export const putQuery = z.strictObject({ ...durability, ttlSeconds: whole(limits.recordTtlSecondsMax).optional() });
export const deleteQuery = z.strictObject(durability);
export const noQuery = z.strictObject({});

/** Throws `RecordProblem` ("invalid-request") with everything that is wrong. */
export function parsed<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path, message }) => `${path.length === 0 ? "it" : path.join(".")} ${message}`);
  throw new RecordProblem("invalid-request", wrong.join("; "));
}

export function queryOf(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams);
}

/** A part of the path, as it was meant. */
export function keyOf(part: string): string {
  let key: unknown;
  try {
    key = decodeURIComponent(part);
  } catch {
    throw new RecordProblem("invalid-request", "the key in the path is not percent-encoded UTF-8");
  }
  return parsed(keySchema, key);
}

/** `If-Match: "VERSION"` or `*`; `If-None-Match: *`. */
export function conditionOf({ headers }: IncomingMessage): WriteCondition {
  const [match, noneMatch] = [headers["if-match"], headers["if-none-match"]];
  if (match !== undefined && noneMatch !== undefined)
    throw new RecordProblem("invalid-request", "If-Match and If-None-Match contradict each other: send one of them");
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === "*") return { is: "absent" };
    throw new RecordProblem("invalid-request", "If-None-Match can only be *: that there be no record");
  }
  if (match === undefined) return { is: "any" };
  if (match.trim() === "*") return { is: "present" };
  const version = /^"([^"]{1,200})"$/.exec(match.trim())?.[1];
  if (version === undefined)
    throw new RecordProblem("invalid-request", 'If-Match must be one version in double quotes, as "VERSION", or *');
  return { is: "version", version };
}

/** `Idempotency-Key: KEY`: a write that is asked for again under the same key is made once. Without one it has a key of its own. */
export function idempotencyKeyOf({ headers }: IncomingMessage): string {
  const given = headers["idempotency-key"];
  if (given === undefined) return randomUUID();
  if (typeof given === "string" && /^[\w-]{1,64}$/.test(given)) return given;
  throw new RecordProblem("invalid-request", "Idempotency-Key must be 1 to 64 letters, digits, _ or -");
}

/** The body, as JSON text without what means nothing. Throws `RecordProblem` where it is none, or too large. */
export async function jsonBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Left as it is where it is too large: the refusal goes out on the same connection.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > limits.recordValueBytesMax) throw tooLarge();
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  const value = isUtf8(body) ? parseJson(body.toString("utf8")) : undefined;
  if (value === undefined)
    throw new RecordProblem("invalid-request", 'the body is not JSON: send the record\'s value, as "text" or {"to": 200}');
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > limits.recordValueBytesMax) throw tooLarge();
  return text;
}

function tooLarge(): RecordProblem {
  return new RecordProblem("too-large", `a record's value has at most ${limits.recordValueBytesMax} bytes`);
}
