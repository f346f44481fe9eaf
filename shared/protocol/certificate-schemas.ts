import { z } from "zod";
import { nodeIdSchema, sha256HexSchema, timestampSchema } from "./id-schemas.ts";

/** One that an agent makes has some six hundred. */
const certificateCharactersMax = 8_192;
const signatureSchema = z.base64url().max(128);
const termSchema = z.strictObject({ from: timestampSchema, until: timestampSchema });

/** The members of a document have these (domain/membership/certificates.ts). */
export const certifiedShape = {
  certificateSha256: sha256HexSchema,
  certificateTerm: termSchema.exactOptional(),
  nextCertificate: z
    .strictObject({
      sha256: sha256HexSchema,
      term: termSchema,
      sinceVersion: z.int().min(1),
      since: timestampSchema,
      vouched: z.strictObject({ certificate: z.base64().max(certificateCharactersMax), signature: signatureSchema }),
    })
    .exactOptional(),
} as const;

export const certificateEventSchemas = [
  z.strictObject({ kind: z.literal("certificate.rotated"), sha256: sha256HexSchema, expiresAt: timestampSchema }),
  z.strictObject({
    kind: z.literal("certificate.expiring"),
    node: nodeIdSchema,
    daysLeft: z.int().min(0),
    expiresAt: timestampSchema,
  }),
  z.strictObject({ kind: z.literal("certificate.expired"), node: nodeIdSchema, expiresAt: timestampSchema }),
] as const;

/**
 * `POST /v1/node-certificate`: a node asks that the document names another certificate of its, beside the present one. No sign-in: both keys sign.
 * Idempotent, and worth nothing to whoever repeats it: it says nothing but that these two are one node's. The document carries the present key's signature to everybody.
 */
export const nextCertificateSchema = z.strictObject({
  certificatePem: z.string().max(certificateCharactersMax),
  nextCertificatePem: z.string().max(certificateCharactersMax),
  /** base64url, ECDSA with SHA-256 over `nextCertificateText` of both fingerprints, IEEE P1363: by the present key, and by the next. */
  signature: signatureSchema,
  nextSignature: signatureSchema,
});
export type NextCertificateRequest = z.infer<typeof nextCertificateSchema>;

/** What both keys sign: nothing that was signed for another purpose passes for it. */
export function nextCertificateText(certificateSha256: string, nextSha256: string): string {
  return `understudy-next-certificate:${certificateSha256}:${nextSha256}`;
}

/** `documentVersion`: from which on the document names it. `settled`: it is the node's only one already. */
export const nextCertificateAnswerSchema = z.strictObject({ documentVersion: z.int().min(1), settled: z.boolean() });
