import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { DataPaths } from "../storage/data-directory.ts";
import { writeDurably } from "../storage/durable-file.ts";
import { fingerprint, type NodeIdentity } from "./identity.ts";

/* By itself, since what it takes is needed once in a node's life, and would else lie in the memory of every thread and of the guardian. */

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** A certificate here is only the carrier of a key: the cluster document names it by its fingerprint, and removing it there ends it. */
const validYears = 30;

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
