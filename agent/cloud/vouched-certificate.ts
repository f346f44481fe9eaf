import { verify, X509Certificate } from "node:crypto";
import type { Certified } from "../../shared/domain/membership/certificates.ts";
import { nextCertificateText } from "../../shared/protocol/certificate-schemas.ts";
import { fingerprint } from "../link/identity.ts";

/**
 * Whether the member itself has signed for its next certificate, with the key of its present one; true where none is on its way. Without that whoever
 * has the control plane's key could give every member a certificate of his own, and speak for all of them at once.
 */
export function isVouchedFor({ certificateSha256, nextCertificate: next }: Certified): boolean {
  if (next === undefined) return true;
  const { certificate, signature } = next.vouched;
  try {
    const present = new X509Certificate(Buffer.from(certificate, "base64"));
    const key = { key: present.publicKey, dsaEncoding: "ieee-p1363" } as const;
    const text = nextCertificateText(certificateSha256, next.sha256);
    const isOwn = fingerprint(present.raw) === certificateSha256;
    return isOwn && verify("sha256", Buffer.from(text), key, Buffer.from(signature, "base64url"));
  } catch {
    // What cannot be read is nobody's word.
    return false;
  }
}
