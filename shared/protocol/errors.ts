import { z } from "zod";

/** The closed list of what the API refuses, with the HTTP status of each. Clients decide by code, people read the message. */
export const apiErrorStatus = {
  "invalid-request": 400,
  "not-signed-in": 401,
  forbidden: 403,
  "not-found": 404,
  "version-conflict": 409,
  "name-taken": 409,
  "witness-taken": 409,
  "membership-change-pending": 409,
  "api-key-limit": 403,
  "user-limit": 403,
  "user-exists": 409,
  "last-owner": 409,
  "confirmation-required": 409,
  "still-in-use": 409,
  "token-unknown": 401,
  "token-used": 410,
  "token-expired": 410,
  "licence-required": 403,
  "licence-limit": 403,
  "licence-lapsed": 403,
  "licence-entitlement": 403,
  "licence-invalid": 400,
  "licence-conflict": 409,
  "trial-used": 409,
  "node-limit": 403,
  "certificate-invalid": 400,
  "address-taken": 409,
  "body-too-large": 413,
  "too-many-requests": 429,
  "idempotency-key-reused": 422,
  "idempotency-in-progress": 409,
  "idempotency-interrupted": 409,
  "subscription-pending": 409,
  internal: 500,
  unavailable: 503,
} as const;

export type ApiErrorCode = keyof typeof apiErrorStatus;

const codes = Object.keys(apiErrorStatus) as [ApiErrorCode, ...ApiErrorCode[]];

/** Body of every refusal. `message` names the cause, `nextStep` what the reader can do about it. */
export const apiErrorSchema = z.strictObject({
  error: z.strictObject({
    code: z.enum(codes),
    message: z.string(),
    nextStep: z.string(),
    /** Every problem at once, for a request with several. */
    problems: z.array(z.strictObject({ path: z.string(), message: z.string() })).exactOptional(),
    requestId: z.string(),
  }),
});
export type ApiErrorBody = z.infer<typeof apiErrorSchema>;
