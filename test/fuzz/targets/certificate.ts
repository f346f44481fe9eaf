import { X509Certificate } from "node:crypto";
import { checkedCertificate } from "../../../functions/use-cases/node-certificate.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import type { EnrolRequest } from "../../../shared/protocol/api-contract.ts";
import { bytesOf, type FuzzTarget, isA, promise, textOf, unless } from "../fuzz-target.ts";
import { signedOnce } from "./signed-once.ts";

const nowMs = Date.UTC(2026, 10, 22);
const begin = "-----BEGIN CERTIFICATE-----\n";
const end = "\n-----END CERTIFICATE-----\n";

/** The bytes of the certificate itself are changed, not the letters that carry them; what is not one goes as it is. */
function inLetters(der: Uint8Array): string {
  const text = textOf(der);
  if (text.startsWith("-----BEGIN")) return text;
  return (
    begin +
    (
      Buffer.from(der)
        .toString("base64")
        .match(/.{1,64}/g) ?? []
    ).join("\n") +
    end
  );
}

export const certificate: FuzzTarget = {
  name: "certificate",
  reads: "certificates of nodes that want to be enrolled, and the proof that they hold its key",
  share: 10,
  seeds: [Uint8Array.from(new X509Certificate(signedOnce.certificatePem).raw), bytesOf(signedOnce.certificatePem)],
  execute: (input) => {
    const certificatePem = inLetters(input);
    promise(refused({ certificatePem, proof: signedOnce.strangersProof }), "the proof of another key is taken");
    return refused({ certificatePem, proof: signedOnce.proof }) ? "refused" : "accepted";
  },
};

function refused(request: Pick<EnrolRequest, "certificatePem" | "proof">): boolean {
  const outcome = unless(isA(Refusal), () => {
    const { certificateSha256 } = checkedCertificate({ ...request, tokenSecret: "secret" } as EnrolRequest, nowMs);
    promise(/^[0-9a-f]{64}$/.test(certificateSha256), "a certificate without a fingerprint is taken");
    promise(Date.parse(new X509Certificate(request.certificatePem).validTo) > nowMs, "a certificate that has run out is taken");
    return "accepted";
  });
  return outcome === "refused";
}
