import { sign } from "node:crypto";
import type { CloudQuestion } from "../../shared/domain/witness/cloud-votes.ts";
import { cloudQuestionText, type SignedQuestion } from "../../shared/protocol/cloud-vote-schema.ts";
import type { NodeIdentity } from "./control-plane.ts";

/** As an agent sends it. */
export function signedQuestion(
  { certificatePem, key }: Pick<NodeIdentity, "certificatePem" | "key">,
  asked: CloudQuestion,
): SignedQuestion {
  const question = JSON.stringify(asked);
  const signature = sign("sha256", Buffer.from(cloudQuestionText(question)), { key, dsaEncoding: "ieee-p1363" });
  return { question, certificatePem, signature: signature.toString("base64url") };
}
