import { createHash, createPrivateKey, X509Certificate as NodeCertificate, sign } from "node:crypto";
import { stat } from "node:fs/promises";
import type { CertificateLife } from "../../shared/domain/membership/certificate-life.ts";
import { enrolmentProofText } from "../../shared/protocol/api-contract.ts";
import { type NextCertificateRequest, nextCertificateText } from "../../shared/protocol/certificate-schemas.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { readIfPresent } from "../storage/durable-file.ts";

/** The node's own key and self-signed certificate, PEM. The key never leaves the node. */
export interface NodeIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the certificate (DER), lower-case hex: who the node is, wherever its address or name may go. */
  readonly certificateSha256: string;
}

/** Null where the node has none yet. Throws `AgentError` where what is there cannot be used. */
export async function readIdentity(paths: DataPaths): Promise<NodeIdentity | null> {
  const text = await readKeyFile(paths.key);
  if (text === null) return null;
  const both = keyAndCertificate(text);
  // Agents up to now kept the certificate in a file of its own.
  return parseIdentity(both.keyPem, both.certificatePem ?? (await readIfPresent(paths.certificate)) ?? "", paths.key);
}

/** The one that is to take the place of the present one; null where none is on its way. Throws as `readIdentity`. */
export async function readNextIdentity(paths: DataPaths): Promise<NodeIdentity | null> {
  const text = await readKeyFile(paths.nextKey);
  if (text === null) return null;
  const { keyPem, certificatePem = "" } = keyAndCertificate(text);
  return parseIdentity(keyPem, certificatePem, paths.nextKey);
}

/** The key of an enrolled node. Throws `AgentError` ("data-dir-unusable") where it is gone, or cannot be used. */
export async function requireIdentity(paths: DataPaths): Promise<NodeIdentity> {
  const identity = await readIdentity(paths);
  if (identity !== null) return identity;
  const nextStep =
    "Put it back from a backup; or make a token for this node in the console and run: understudy agent certificate renew --token TOKEN --config FILE";
  throw new AgentError("data-dir-unusable", `The node's key ${paths.key} is missing.`, nextStep);
}

async function readKeyFile(path: string): Promise<string | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return text;
  const nextStep = `Find out who could read it; then run: chmod 600 ${path}`;
  throw new AgentError("data-dir-unusable", `The node's key ${path} can be read by other users.`, nextStep);
}

function keyAndCertificate(text: string): { readonly keyPem: string; readonly certificatePem?: string } {
  const at = text.indexOf("-----BEGIN CERTIFICATE-----");
  return at < 0 ? { keyPem: text } : { keyPem: text.slice(0, at), certificatePem: text.slice(at) };
}

function parseIdentity(keyPem: string, certificatePem: string, keyPath: string): NodeIdentity {
  try {
    const certificate = new NodeCertificate(certificatePem);
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw new Error("key and certificate do not belong together");
    return { keyPem, certificatePem, certificateSha256: fingerprint(certificate.raw) };
  } catch (error) {
    const nextStep =
      "Put the file back from a backup; or move it away, make a token for this node in the console and run: understudy agent certificate renew --token TOKEN --config FILE";
    throw new AgentError(
      "data-dir-unusable",
      `The node's key ${keyPath} or its certificate cannot be used: ${reasonOf(error)}.`,
      nextStep,
      error,
    );
  }
}

export function fingerprint(der: ArrayBuffer | Uint8Array): string {
  return createHash("sha256").update(new Uint8Array(der)).digest("hex");
}

export function lifeOf({ certificatePem }: NodeIdentity): CertificateLife {
  const { validFrom, validTo } = new NodeCertificate(certificatePem);
  return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) };
}

/** base64url ECDSA signature (SHA-256, IEEE P1363) that shows the control plane that this node holds its key. */
export function proveKey(identity: NodeIdentity, tokenSecret: string): string {
  return signed(identity, enrolmentProofText(tokenSecret));
}

/** What asks the control plane to name the next certificate beside the present one: signed with both keys. */
export function successionRequest(present: NodeIdentity, next: NodeIdentity): NextCertificateRequest {
  const text = nextCertificateText(present.certificateSha256, next.certificateSha256);
  return {
    certificatePem: present.certificatePem,
    nextCertificatePem: next.certificatePem,
    signature: signed(present, text),
    nextSignature: signed(next, text),
  };
}

function signed({ keyPem }: NodeIdentity, text: string): string {
  const key = createPrivateKey(keyPem);
  return sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
}
