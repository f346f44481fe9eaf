import { base64url, CompactSign, type CryptoKey, calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { limits } from "../config/limits.ts";
import { type Approvable, type Approval, type ApproverKey, approvalNeed, approvalText, unsigned } from "../domain/membership/approval.ts";
import type { ClusterDocument } from "../domain/membership/cluster-document.ts";
import { nodeIdSchema, sha256HexSchema } from "./id-schemas.ts";
import { signatureAlgorithm, signedTypes, verifySigned } from "./signatures.ts";

const coordinate = z.base64url().length(43);
export const approverKeySchema = z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: coordinate, y: coordinate });

export const approvalSchema = z.strictObject({
  key: approverKeySchema.nullable(),
  number: z.int().min(1),
  certificates: z.array(z.strictObject({ nodeId: nodeIdSchema, certificateSha256: sha256HexSchema })).max(limits.nodesPerClusterMax + 1),
  signature: z
    .string()
    .max(400)
    .regex(/^[\w-]+\.\.[\w-]+$/, "must be a JWS without its payload, as header..signature"),
}) satisfies z.ZodType<Approval>;

/** Signs for the guarded parts of `document` as they are, with `key` as the approver from then on. */
export async function approve(document: ClusterDocument, approvable: Approvable, privateKey: CryptoKey): Promise<Approval> {
  const text = new TextEncoder().encode(approvalText(document, approvable));
  const signer = new CompactSign(text).setProtectedHeader({ alg: signatureAlgorithm, typ: signedTypes.approval });
  const [header, , signature] = (await signer.sign(privateKey)).split(".");
  return { ...approvable, signature: `${header}..${signature}` };
}

/** Why `next` may not take the place of `current` by the approver's word; null: it may. Both are signed by the control plane, and looked at for everything else. */
export async function approvalProblem(current: ClusterDocument, next: ClusterDocument): Promise<string | null> {
  const need = approvalNeed(current, next);
  if (need.kind === "none") return null;
  if (need.kind === "refused") return need.reason;
  const jws = need.signature.replace("..", `.${base64url.encode(need.text)}.`);
  const verified = await verifySigned(signedTypes.approval, jws, { keys: [{ ...need.of }] });
  return verified.ok ? null : unsigned(current, next);
}

/** By which people tell approvers apart (RFC 7638, base64url). */
export function approverName({ kty, crv, x, y }: ApproverKey): Promise<string> {
  return calculateJwkThumbprint({ kty, crv, x, y });
}
