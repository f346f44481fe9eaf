import "reflect-metadata";
import { createHash, createPrivateKey, X509Certificate as NodeCertificate, sign, webcrypto } from "node:crypto";
import { stat } from "node:fs/promises";
import * as x509 from "@peculiar/x509";
import { enrolmentProofText } from "../../shared/protocol/api-contract.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** A certificate here is only the carrier of a key: the cluster document names it by its fingerprint, and removing it there ends it. */
const validYears = 30;

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

/** Makes and stores an identity: the certificate first, so that a key on disk means that both are there. */
export async function createIdentity(paths: DataPaths): Promise<NodeIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notBefore = new Date(Date.now() - 86_400_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: "CN=understudy node", keys, notBefore, notAfter, signingAlgorithm: algorithm, serialNumber: serialNumber() },
    webcrypto,
  );
  const certificatePem = `${certificate.toString("pem")}\n`;
  const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const keyPem = createPrivateKey({ key: exported, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" }).toString();
  await writeDurably(paths.certificate, certificatePem, 0o644);
  await writeDurably(paths.key, keyPem, 0o600);
  return { keyPem, certificatePem, certificateSha256: fingerprint(certificate.rawData) };
}

/** Positive, as X.509 wants it. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  return Buffer.from(bytes.with(0, ((bytes[0] ?? 0) & 0x3f) | 0x40)).toString("hex");
}

export function fingerprint(der: ArrayBuffer | Uint8Array): string {
  return createHash("sha256").update(new Uint8Array(der)).digest("hex");
}

/** base64url ECDSA signature (SHA-256, IEEE P1363) that shows the control plane that this node holds its key. */
export function proveKey(identity: NodeIdentity, tokenSecret: string): string {
  const key = createPrivateKey(identity.keyPem);
  return sign("sha256", Buffer.from(enrolmentProofText(tokenSecret)), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
}
