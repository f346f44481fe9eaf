import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { CloudAnswer, CloudQuestion, CloudVotes } from "../domain/witness/cloud-votes.ts";
import { groupNameSchema, nodeIdSchema } from "./id-schemas.ts";

const count = z.int().min(0);
/** A minute at most: nobody waits longer for a node that is gone. */
const forUs = z.int().min(1).max(60_000_000);

const promise = {
  to: nodeIdSchema.nullable(),
  toIncarnation: count,
  epoch: count,
  requestId: count,
  documentVersion: count,
  forUs,
  number: count,
};

export const cloudQuestionSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("look") }),
  z.strictObject({
    type: z.literal("ask"),
    incarnation: count,
    documentVersion: count,
    group: groupNameSchema,
    epoch: z.int().min(1),
    requestId: count,
    forUs,
    expired: count.nullable(),
  }),
  z.strictObject({ type: z.literal("release"), incarnation: count, group: groupNameSchema, epoch: count }),
  z.strictObject({ type: z.literal("expire"), group: groupNameSchema, number: count }),
]) satisfies z.ZodType<CloudQuestion>;

export const cloudAnswerSchema = z.strictObject({
  documentVersion: count,
  verdict: z
    .union([
      z.strictObject({ granted: z.literal(true) }),
      z.strictObject({
        granted: z.literal(false),
        reason: z.enum(["held-by-another", "older-epoch", "older-document", "not-a-candidate", "superseded"]),
      }),
    ])
    .nullable(),
  promises: z.array(z.strictObject({ group: groupNameSchema, ...promise })).max(4 * limits.groupsPerClusterMax),
}) satisfies z.ZodType<CloudAnswer>;

export const cloudVotesSchema = z.strictObject({
  witness: nodeIdSchema,
  revision: count,
  actsOn: count,
  promises: z.record(groupNameSchema, z.strictObject(promise)),
}) satisfies z.ZodType<CloudVotes>;

/** What a node sends: its question as text, its certificate, and the signature over both the route's name and that text. */
export const signedQuestionSchema = z.strictObject({
  /** JSON of a `cloudQuestionSchema`. */
  question: z.string().max(2_048),
  certificatePem: z.string().max(4_096),
  /** base64url, ECDSA with SHA-256 over `cloudQuestionText(question)`, IEEE P1363. */
  signature: z.base64url().max(128),
});
export type SignedQuestion = z.infer<typeof signedQuestionSchema>;

/** What is signed: nothing that was signed for another purpose passes for a question. */
export function cloudQuestionText(question: string): string {
  return `understudy-witness:${question}`;
}
