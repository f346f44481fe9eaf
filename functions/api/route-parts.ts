import type { Context } from "hono";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { apiErrorSchema } from "../../shared/protocol/errors.ts";
import { clusterIdSchema, customerIdSchema, nodeIdSchema } from "../../shared/protocol/id-schemas.ts";
import { Refusal } from "../use-cases/refusal.ts";

export const customerPath = z.strictObject({ customerId: customerIdSchema });
export const clusterPath = z.strictObject({ clusterId: clusterIdSchema });
export const nodePath = z.strictObject({ clusterId: clusterIdSchema, nodeId: nodeIdSchema });

/** A JSON body that must be there. */
export function jsonBody<Shape extends z.ZodType>(schema: Shape) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

/** A success with its body; every refusal has the same shape. */
export function answers<Status extends 200 | 201, Shape extends z.ZodType>(status: Status, description: string, schema: Shape) {
  const success = { description, content: { "application/json": { schema } } };
  const refusal = {
    description: "refused: the code says why, nextStep what to do",
    content: { "application/json": { schema: apiErrorSchema } },
  };
  return { [status]: success, "4XX": refusal } as { readonly [key in Status]: typeof success };
}

/** The same for what there is as a table, too. */
export function withCsv<Shape extends z.ZodType>(description: string, schema: Shape) {
  const { 200: json, ...refused } = answers(200, description, schema);
  return { ...refused, 200: { ...json, content: { ...json.content, "text/csv": { schema: { type: "string" } } } } } as const;
}

/** The body as the contract has it: what the contract does not name is a fault of ours, and never leaves. */
export function answer<Shape extends z.ZodType, Status extends 200 | 201>(context: Context, schema: Shape, status: Status, body: unknown) {
  return context.json(schema.parse(body), status);
}

const ifMatchSchema = z.string().regex(/^"?[1-9]\d{0,9}"?$/);

/** The version that the caller has seen, from If-Match; undefined where it was not sent. */
export function versionFromIfMatch(context: Context): number | undefined {
  const header = context.req.header("if-match");
  if (header === undefined) return undefined;
  const parsed = ifMatchSchema.safeParse(header.trim());
  if (parsed.success) return Number(parsed.data.replaceAll('"', ""));
  throw new Refusal("invalid-request", "If-Match is not a version of the cluster document", "Send the ETag of the cluster as you read it.");
}

/** As `versionFromIfMatch`, where it must be there. */
export function requiredVersion(context: Context): number {
  const version = versionFromIfMatch(context);
  if (version !== undefined) return version;
  throw new Refusal("invalid-request", "If-Match is missing", "Read the cluster, and send its ETag as If-Match.");
}

export function setVersionTag(context: Context, version: number): void {
  context.header("etag", `"${version}"`);
}

export const bodyBytesMax = limits.requestBodyBytesMax;
