import { createHash, type KeyObject, verify, X509Certificate } from "node:crypto";
import type { CertificateTerm, Vouched } from "../../shared/domain/membership/certificates.ts";
import { type EnrolRequest, enrolmentProofText } from "../../shared/protocol/api-contract.ts";
import { type NextCertificateRequest, nextCertificateText } from "../../shared/protocol/certificate-schemas.ts";
import { Refusal } from "./refusal.ts";

/** A node's certificate whose key the caller has shown to hold. */
export interface CheckedCertificate {
  /** SHA-256 of its DER, hex. */
  readonly certificateSha256: string;
  readonly certificateTerm: CertificateTerm;
}

/** Checks that the certificate is one that agents can use and that the caller holds its key. */
export function checkedCertificate(request: EnrolRequest, nowMs: number): CheckedCertificate {
  return checked(request.certificatePem, nowMs, [enrolmentProofText(request.tokenSecret), request.proof]);
}

/** A member's next certificate, and the word of the present one's key for it. */
export interface CheckedSuccession {
  /** Of the present one: SHA-256 of its DER, hex. */
  readonly certificateSha256: string;
  readonly next: CheckedCertificate;
  readonly vouched: Vouched;
}

/** Checks that one caller holds the keys of both certificates; whether the first is still good is not asked here. */
export function checkedSuccession(request: NextCertificateRequest, nowMs: number): CheckedSuccession {
  const [present, following] = [readable(request.certificatePem), readable(request.nextCertificatePem)];
  if (present === null || following === null) throw unknownCertificate();
  const certificateSha256 = fingerprintOf(present.certificate);
  const text = nextCertificateText(certificateSha256, fingerprintOf(following.certificate));
  if (!isSignedBy(present.publicKey, text, request.signature)) throw unknownCertificate();
  return {
    certificateSha256,
    next: checked(request.nextCertificatePem, nowMs, [text, request.nextSignature]),
    vouched: { certificate: present.certificate.raw.toString("base64"), signature: request.signature },
  };
}

function checked(pem: string, nowMs: number, [text, proof]: readonly [string, string]): CheckedCertificate {
  const read = readable(pem);
  if (read === null) throw invalid("it is not a PEM certificate with a key that can be read");
  const { certificate, publicKey } = read;
  if (publicKey.asymmetricKeyType !== "ec" || publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw invalid("its key is not an ECDSA key on P-256");
  }
  const [fromMs, untilMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  // A date that cannot be read is not after anything either.
  if (!(untilMs > nowMs)) throw invalid(`it has run out, at ${certificate.validTo}`);
  if (Number.isNaN(fromMs)) throw invalid(`it is good from ${certificate.validFrom} on, which is no time`);
  if (!isSignedBy(publicKey, text, proof)) throw invalid("the proof is not signed with its key");
  return {
    certificateSha256: fingerprintOf(certificate),
    certificateTerm: { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() },
  };
}

function isSignedBy(publicKey: KeyObject, text: string, signature: string): boolean {
  if (publicKey.asymmetricKeyType !== "ec") return false;
  return verify("sha256", Buffer.from(text), { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
}

/** A key is read only when it is asked for, and may be none then. */
function readable(pem: string): { readonly certificate: X509Certificate; readonly publicKey: KeyObject } | null {
  try {
    const certificate = new X509Certificate(pem);
    return { certificate, publicKey: certificate.publicKey };
  } catch {
    return null;
  }
}

function fingerprintOf({ raw }: X509Certificate): string {
  return createHash("sha256").update(raw).digest("hex");
}

/** To whoever wants to pass for a node. */
export function unknownCertificate(): Refusal {
  return new Refusal(
    "not-signed-in",
    "the request is not signed with a certificate that a cluster document names and that has not expired",
    "Look in the console whether the node was removed. Where its certificate has expired, make a token for this node there, and run on it: understudy agent certificate renew --token TOKEN --config FILE",
  );
}

function invalid(why: string): Refusal {
  return new Refusal(
    "certificate-invalid",
    `the node's certificate was refused: ${why}`,
    "Delete the agent's key and certificate, check the server's clock, and join again: the agent makes new ones.",
  );
}
