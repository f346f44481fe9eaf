import { limits } from "../../shared/config/limits.ts";
import { failoverSettings } from "../../shared/config/timing.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { documentProblems } from "../../shared/domain/membership/document-rules.ts";
import { signedTypes } from "../../shared/protocol/signatures.ts";
import type { Dependencies } from "../dependencies.ts";
import { Refusal } from "./refusal.ts";

/** What the MQTT message needs beside the signed document. */
const envelopeBytes = 1_024;

/** Signs a document that keeps every rule and fits into one MQTT message; refuses any other, with all its problems. */
export async function signDocument({ signer }: Dependencies, document: ClusterDocument): Promise<string> {
  const problems = documentProblems(document, failoverSettings);
  if (problems.length > 0) {
    throw new Refusal("invalid-request", "the cluster would not be sound", "Correct what is listed under problems, and send it again.", {
      problems,
    });
  }
  const signed = await signer.sign(signedTypes.document, document);
  if (signed.length > limits.cloudMessageBytesMax - envelopeBytes) {
    throw new Refusal(
      "invalid-request",
      `the cluster document would have ${signed.length} bytes, more than one message to the agents may carry`,
      "Declare fewer groups, data sets or node-local tables.",
    );
  }
  return signed;
}
