import { createHash, type KeyObject, verify, X509Certificate } from "node:crypto";
import { type EnrolRequest, enrolmentProofText } from "../../shared/protocol/api-contract.ts";
import { Refusal } from "./refusal.ts";

/** Checks that the certificate is one that agents can use and that the caller holds its key. Returns its SHA-256 (DER), hex. */
export function checkedCertificate(request: EnrolRequest, nowMs: number): string {
  const { certificate, publicKey } = parsed(request.certificatePem);
  if (publicKey.asymmetricKeyType !== "ec" || publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw invalid("its key is not an ECDSA key on P-256");
  }
  // A date that cannot be read is not after anything either.
  if (!(Date.parse(certificate.validTo) > nowMs)) throw invalid(`it has run out, at ${certificate.validTo}`);
  const proofHolds = verify(
    "sha256",
    Buffer.from(enrolmentProofText(request.tokenSecret)),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(request.proof, "base64url"),
  );
  if (!proofHolds) throw invalid("the proof is not signed with its key");
  return createHash("sha256").update(certificate.raw).digest("hex");
}

/** A key is read only when it is asked for, and may be none then. */
function parsed(pem: string): { readonly certificate: X509Certificate; readonly publicKey: KeyObject } {
  try {
    const certificate = new X509Certificate(pem);
    return { certificate, publicKey: certificate.publicKey };
  } catch (cause) {
    throw invalid("it is not a PEM certificate with a key that can be read", cause);
  }
}

function invalid(why: string, cause?: unknown): Refusal {
  return new Refusal(
    "certificate-invalid",
    `the node's certificate was refused: ${why}`,
    "Delete the agent's key and certificate, check the server's clock, and join again: the agent makes new ones.",
    { cause },
  );
}
