import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { rotationDueAtMs, usualLifeDays } from "../../shared/domain/membership/certificate-life.ts";
import type { DataPaths } from "../storage/data-directory.ts";
import { writeDurably } from "../storage/durable-file.ts";
import { fingerprint, lifeOf, type NodeIdentity } from "./identity.ts";

/* By itself, since what it takes is needed rarely, and would else lie in the memory of every thread and of the guardian. */

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;
/** Clocks of other servers may be somewhat slow. */
const backdateMs = 3_600_000;

/** Makes and stores an identity. Key and certificate lie in one file, so that one is never there without the other. */
export function createIdentity({ key }: Pick<DataPaths, "key">, lifeDays = usualLifeDays): Promise<NodeIdentity> {
  return createIn(key, lifeDays);
}

/** One that is to take the present one's place: the one that was begun, so that an answer that was lost can be had again; or another, where that one is due itself by now. */
export async function freshNextIdentity(
  { nextKey }: Pick<DataPaths, "nextKey">,
  begun: NodeIdentity | null,
  lifeDays: number,
  nowMs: number,
): Promise<NodeIdentity> {
  const isFresh = begun !== null && nowMs < rotationDueAtMs(lifeOf(begun), lifeDays * dayMs);
  return isFresh ? begun : createIn(nextKey, lifeDays);
}

async function createIn(path: string, lifeDays: number): Promise<NodeIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const notBefore = new Date(Date.now() - backdateMs);
  const notAfter = new Date(notBefore.getTime() + lifeDays * dayMs);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: "CN=understudy node", keys, notBefore, notAfter, signingAlgorithm: algorithm, serialNumber: serialNumber() },
    webcrypto,
  );
  const certificatePem = `${certificate.toString("pem")}\n`;
  const exported = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const keyPem = createPrivateKey({ key: exported, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" }).toString();
  await writeDurably(path, `${keyPem}${certificatePem}`, 0o600);
  return { keyPem, certificatePem, certificateSha256: fingerprint(certificate.rawData) };
}

/** Positive, as X.509 wants it. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  return Buffer.from(bytes.with(0, ((bytes[0] ?? 0) & 0x3f) | 0x40)).toString("hex");
}
