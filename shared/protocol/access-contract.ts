import { z } from "zod";
import { limits } from "../config/limits.ts";
import { roles } from "../domain/access/access.ts";
import { customerIdSchema, displayNameSchema, timestampSchema } from "./id-schemas.ts";

/** Bodies of the HTTP API that say who may do what. */

export const accessSchema = z.strictObject({
  role: z.enum(roles),
  /** `all`: those to come included. */
  customers: z.union([z.literal("all"), z.array(customerIdSchema).min(1).max(limits.customersPerScopeMax)]),
});

export const apiKeyIdSchema = z.string().regex(/^key_[0-9a-z]{20}$/, "must look like key_ and 20 lower-case letters or digits");
export const apiKeyPathSchema = z.strictObject({ keyId: apiKeyIdSchema });

export const apiKeySchema = z.strictObject({
  keyId: apiKeyIdSchema,
  name: displayNameSchema,
  /** How the key begins: to recognise it by. */
  prefix: z.string(),
  access: accessSchema,
  createdAt: timestampSchema,
  /** The name of the key, or the e-mail address of the person, that made it. */
  createdBy: z.string(),
  expiresAt: timestampSchema.nullable(),
  /** To the minute; null where it was never used. */
  lastUsedAt: timestampSchema.nullable(),
});
export const apiKeyListSchema = z.strictObject({ apiKeys: z.array(apiKeySchema) });
export const createApiKeySchema = z.strictObject({
  name: displayNameSchema,
  access: accessSchema,
  /** Absent: until it is revoked. */
  expiresAt: timestampSchema.exactOptional(),
});
/** `secret` is what `Authorization: Bearer` carries. It is shown here and never again: the cloud keeps only its hash. */
export const createdApiKeySchema = z.strictObject({ apiKey: apiKeySchema, secret: z.string() });

/** Who is calling. */
export const callerSchema = z.strictObject({
  kind: z.enum(["api-key", "session"]),
  name: z.string(),
  access: accessSchema,
});
