import { z } from "zod";
import { limits } from "../config/limits.ts";
import { roles } from "../domain/access/access.ts";
import { auditActions, auditOutcomes } from "../domain/audit/audit-entry.ts";
import { customerIdSchema, displayNameSchema, sha256HexSchema, timestampSchema } from "./id-schemas.ts";

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

export const userPathSchema = z.strictObject({
  userId: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[\w-]+$/),
});
export const userSchema = z.strictObject({
  userId: z.string(),
  email: z.string(),
  access: accessSchema,
  createdAt: timestampSchema,
  createdBy: z.string(),
});
export const userListSchema = z.strictObject({ users: z.array(userSchema) });
export const createUserSchema = z.strictObject({ email: z.email().max(254), access: accessSchema });
export const putUserSchema = z.strictObject({ access: accessSchema });
/** `password` is shown here and never again. */
export const userWithPasswordSchema = z.strictObject({ user: userSchema, password: z.string() });

/** Who is calling. */
export const callerSchema = z.strictObject({
  kind: z.enum(["api-key", "session"]),
  name: z.string(),
  access: accessSchema,
});

export const auditQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.auditEntriesPerPageMax).default(50),
  /** The `next` of the page before. */
  before: z.coerce.number().int().min(1).max(999_999_999_999_999).exactOptional(),
  /** Only what was changed, or only what was refused. */
  outcome: z.enum(auditOutcomes).exactOptional(),
  /** Instead of JSON a table of the entries; where older ones follow, the header `link` leads to them. */
  csv: z.enum(["entries"]).exactOptional(),
});
export const auditEntrySchema = z.strictObject({
  number: z.int().min(1),
  at: timestampSchema,
  actor: z.strictObject({
    kind: z.enum(["person", "api-key", "node", "control-plane"]),
    id: z.string(),
    name: z.string(),
    /** As `x-request-id` of the answer to the request that made the change. */
    requestId: z.string().nullable(),
  }),
  action: z.enum(auditActions),
  customerId: customerIdSchema.nullable(),
  subject: z.string(),
  /** Absent: it was not there. */
  changes: z.array(z.strictObject({ path: z.string(), before: z.unknown().exactOptional(), after: z.unknown().exactOptional() })),
  /** With `request.refused` alone: what was asked for, and why not. */
  refusal: z
    .strictObject({
      route: z.string(),
      parameters: z.record(z.string(), z.string()),
      code: z.string(),
      message: z.string(),
      unlisted: z.int().min(0),
    })
    .exactOptional(),
  previousSha256: sha256HexSchema,
  /** Of this entry without this field, as JSON with the members of every object sorted by name and no spaces. */
  sha256: sha256HexSchema,
});
export const auditPageSchema = z.strictObject({
  /** Newest first. With an outcome there may be fewer than asked for, or none, though `next` leads on: a request looks through so many entries and no more. */
  entries: z.array(auditEntrySchema),
  next: z.int().exactOptional(),
  /** Numbers of those entries here that are not what was written: changed, or not the successor of the entry before. */
  broken: z.array(z.int()),
});
