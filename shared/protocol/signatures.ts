import { type CryptoKey, compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from "jose";

/** What is signed. The name stands in the JWS header (`typ`), so that one kind never passes for another. */
export const signedTypes = {
  document: "understudy-cluster-document",
  licence: "understudy-licence",
  /** By a cluster's approver, not by the control plane (approvals.ts). */
  approval: "understudy-approval",
} as const;
export type SignedType = (typeof signedTypes)[keyof typeof signedTypes];

/** ECDSA over P-256 with SHA-256: the only algorithm that is signed with or accepted. */
export const signatureAlgorithm = "ES256";

export type Verified = { readonly ok: true; readonly payload: unknown } | { readonly ok: false; readonly reason: string };

/**
 * Checks a compact JWS against the keys that were given at enrolment; a key or an address of keys named inside the JWS is never used.
 * The payload is JSON, its shape not yet checked.
 */
export async function verifySigned(type: SignedType, jws: string, keys: JSONWebKeySet): Promise<Verified> {
  try {
    const keyOf = createLocalJWKSet(keys);
    const { payload, protectedHeader } = await compactVerify(
      jws,
      (header, token): Promise<CryptoKey> => keyOf({ alg: header.alg, ...(header.kid === undefined ? {} : { kid: header.kid }) }, token),
      { algorithms: [signatureAlgorithm] },
    );
    if (protectedHeader.typ !== type) return { ok: false, reason: `it is signed as ${String(protectedHeader.typ)}, not as ${type}` };
    return { ok: true, payload: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { ok: false, reason: "it is signed with a key that was not given at enrolment" };
    if (error instanceof errors.JWSSignatureVerificationFailed) return { ok: false, reason: "its signature does not match its content" };
    return { ok: false, reason: `it cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
