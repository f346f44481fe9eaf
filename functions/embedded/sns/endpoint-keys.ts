import "reflect-metadata";
import { createHash, createPrivateKey, X509Certificate as NodeCertificate, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A private key and its certificate, both PEM. */
export interface KeyPair {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/** What the endpoint proves itself with. */
export interface EndpointKeys {
  /** Signs the two others; subscribers trust its certificate. */
  readonly authority: KeyPair;
  /** Of the TLS listener. */
  readonly tls: KeyPair;
  /** RSA, as SNS's verifiers want it: signs the messages. */
  readonly signing: KeyPair;
}

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" } as const;

const lifetimeMs = 10 * 365 * 24 * 60 * 60_000;
const renewBeforeMs = 90 * 24 * 60 * 60_000;
/** Certificates start a little in the past, for a subscriber whose clock is behind. */
const backdateMs = 60 * 60_000;

/** Keeps what still serves, makes what is missing, expires soon or lacks one of the names. */
export async function renewEndpointKeys(before: EndpointKeys | null, names: readonly string[], nowMs: number): Promise<EndpointKeys> {
  const authority = before !== null && fresh(before.authority, nowMs) ? before.authority : await makeAuthority(nowMs);
  const kept = before?.authority === authority ? before : null;
  const tls = kept !== null && fresh(kept.tls, nowMs) && bears(kept.tls, names) ? kept.tls : await makeTls(authority, names, nowMs);
  const signing = kept !== null && fresh(kept.signing, nowMs) ? kept.signing : await makeSigning(authority, nowMs);
  return { authority, tls, signing };
}

/** Path of the signing certificate: its name changes with the key, so that verifiers may keep what they fetched. */
export function signingCertificatePath(signing: KeyPair): string {
  const digest = createHash("sha256").update(signing.certificatePem).digest("hex");
  return `/SimpleNotificationService-${digest.slice(0, 32)}.pem`;
}

function fresh(pair: KeyPair, nowMs: number): boolean {
  return new NodeCertificate(pair.certificatePem).validToDate.getTime() - renewBeforeMs > nowMs;
}

function bears(pair: KeyPair, names: readonly string[]): boolean {
  const certificate = new NodeCertificate(pair.certificatePem);
  return names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined);
}

async function makeAuthority(nowMs: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(nowMs),
    name: "CN=Understudy embedded cloud: notification authority",
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pairOf(keys, certificate);
}

async function makeTls(authority: KeyPair, names: readonly string[], nowMs: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const alternatives = names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name }) as const);
  return await issue(authority, keys, "CN=Understudy embedded cloud: notifications", nowMs, [
    new x509.SubjectAlternativeNameExtension(alternatives),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ]);
}

async function makeSigning(authority: KeyPair, nowMs: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(rsa, true, ["sign", "verify"]);
  return await issue(authority, keys, "CN=Understudy embedded cloud: message signing", nowMs, []);
}

async function issue(
  authority: KeyPair,
  keys: webcrypto.CryptoKeyPair,
  subject: string,
  nowMs: number,
  extensions: x509.Extension[],
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const pkcs8 = createPrivateKey(authority.privateKeyPem).export({ type: "pkcs8", format: "der" });
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(nowMs),
    subject,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, ecdsa, false, ["sign"]),
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...extensions,
    ],
  });
  return pairOf(keys, certificate);
}

function validity(nowMs: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const serialNumber = `00${randomBytes(16).toString("hex")}`;
  return { serialNumber, notBefore: new Date(nowMs - backdateMs), notAfter: new Date(nowMs + lifetimeMs) };
}

async function pairOf(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate): Promise<KeyPair> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { privateKeyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), certificatePem: certificate.toString("pem") };
}
