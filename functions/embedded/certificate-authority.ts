import "reflect-metadata";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import type { DataDirectory } from "./data-directory.ts";
import { StartError } from "./start-error.ts";

export interface TlsIdentity {
  readonly untilMs: number;
  /** The server's certificate and the authority's, PEM: agents find the pinned one in the chain. */
  readonly cert: string;
  readonly key: string;
}

/** The embedded cloud's own authority: agents learn its SHA-256 from their join token, and trust nothing else. */
export interface CertificateAuthority {
  readonly caPem: string;
  /** SHA-256 of the authority's certificate (DER), hex. */
  readonly caSha256: string;
  /** When it ends; milliseconds since 1970. */
  readonly untilMs: number;
  /** A new key and certificate for a server that is reached by these names and addresses. */
  issueServerIdentity(names: readonly string[]): Promise<TlsIdentity>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const fileName = "certificate-authority.pem";
const msPerDay = 86_400_000;
const authorityDays = 20 * 365;
/** A server's certificate is made anew with every start. */
const serverDays = 825;
/** Clocks of new servers may be somewhat slow. */
const backdateMs = msPerDay;

export async function loadCertificateAuthority(directory: DataDirectory): Promise<CertificateAuthority> {
  const text = await directory.readOrCreate(fileName, createAuthority);
  const [keyPem = "", caPem = ""] = text.split(/(?=-----BEGIN CERTIFICATE-----)/);
  const { authority, signingKey } = await parsed(keyPem, caPem).catch(() => {
    // The cause is left out: a parser's message may quote the file, and the file holds a private key.
    throw new StartError(
      `${join(directory.path, fileName)} does not hold the authority that was written there. Put it back from a backup: agents trust no other.`,
    );
  });
  return {
    caPem,
    caSha256: createHash("sha256").update(Buffer.from(authority.rawData)).digest("hex"),
    untilMs: authority.notAfter.getTime(),
    issueServerIdentity: (names) => issueServerIdentity(authority, signingKey, names),
  };
}

async function parsed(keyPem: string, caPem: string): Promise<{ authority: x509.X509Certificate; signingKey: webcrypto.CryptoKey }> {
  const authority = new x509.X509Certificate(caPem);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(keyPem), algorithm, false, ["sign"]);
  return { authority, signingKey };
}

/** Private key and certificate in one file, so that one is never there without the other. */
async function createAuthority(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(authorityDays),
    name: `CN=Understudy embedded cloud ${randomBytes(4).toString("hex")}`,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${await privateKeyPem(keys.privateKey)}\n${certificate.toString("pem")}\n`;
}

async function issueServerIdentity(
  authority: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  names: readonly string[],
): Promise<TlsIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(serverDays),
    subject: "CN=Understudy embedded cloud",
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }))),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const cert = `${certificate.toString("pem")}\n${authority.toString("pem")}\n`;
  return { cert, key: await privateKeyPem(keys.privateKey), untilMs: certificate.notAfter.getTime() };
}

function validity(days: number) {
  const notBefore = new Date(Date.now() - backdateMs);
  return { serialNumber: randomBytes(16).toString("hex"), notBefore, notAfter: new Date(notBefore.getTime() + days * msPerDay) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
