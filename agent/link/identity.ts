import { createHash, createPrivateKey, X509Certificate as NodeCertificate, sign } from "node:crypto";
import { stat } from "node:fs/promises";
import { enrolmentProofText } from "../../shared/protocol/api-contract.ts";
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
  const keyPem = await readIfPresent(paths.key);
  if (keyPem === null) return null;
  const { mode } = await stat(paths.key);
  if ((mode & 0o077) !== 0) {
    const nextStep = `Find out who could read it; then run: chmod 600 ${paths.key}`;
    throw new AgentError("data-dir-unusable", `The node's key ${paths.key} can be read by other users.`, nextStep);
  }
  const certificatePem = (await readIfPresent(paths.certificate)) ?? "";
  return parseIdentity(keyPem, certificatePem, paths.key);
}

/** The key of an enrolled node. Throws `AgentError` ("data-dir-unusable") where it is gone, or cannot be used. */
export async function requireIdentity(paths: DataPaths): Promise<NodeIdentity> {
  const identity = await readIdentity(paths);
  if (identity !== null) return identity;
  const nextStep = "Put it back from a backup, or remove the node in the console, empty its data directory and join it again.";
  throw new AgentError("data-dir-unusable", `The node's key ${paths.key} is missing.`, nextStep);
}

function parseIdentity(keyPem: string, certificatePem: string, keyPath: string): NodeIdentity {
  try {
    const certificate = new NodeCertificate(certificatePem);
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw new Error("key and certificate do not belong together");
    return { keyPem, certificatePem, certificateSha256: fingerprint(certificate.raw) };
  } catch (error) {
    const nextStep = "Put both files back from a backup, or remove the node in the console, empty its data directory and join it again.";
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

/** base64url ECDSA signature (SHA-256, IEEE P1363) that shows the control plane that this node holds its key. */
export function proveKey(identity: NodeIdentity, tokenSecret: string): string {
  const key = createPrivateKey(identity.keyPem);
  return sign("sha256", Buffer.from(enrolmentProofText(tokenSecret)), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
}
