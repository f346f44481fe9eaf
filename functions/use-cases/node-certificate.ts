import { createHash, verify, X509Certificate } from "node:crypto";
import { type EnrolRequest, enrolmentProofText } from "../../shared/protocol/api-contract.ts";
import { Refusal } from "./refusal.ts";

/** Checks that the certificate is one that agents can use and that the caller holds its key. Returns its SHA-256 (DER), hex. */
export function checkedCertificate(request: EnrolRequest, nowMs: number): string {
  const certificate = parsed(request.certificatePem);
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== "ec" || publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw invalid("its key is not an ECDSA key on P-256");
  }
  if (Date.parse(certificate.validTo) <= nowMs) throw invalid(`it has run out, at ${certificate.validTo}`);
  const proofHolds = verify(
    "sha256",
    Buffer.from(enrolmentProofText(request.tokenSecret)),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(request.proof, "base64url"),
  );
  if (!proofHolds) throw invalid("the proof is not signed with its key");
  return createHash("sha256").update(certificate.raw).digest("hex");
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw invalid("it is not a PEM certificate", cause);
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
