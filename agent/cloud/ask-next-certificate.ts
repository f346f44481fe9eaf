import { type NextCertificateRequest, nextCertificateAnswerSchema } from "../../shared/protocol/certificate-schemas.ts";
import { apiErrorSchema } from "../../shared/protocol/errors.ts";
import { parseJson } from "../storage/parse-json.ts";
import type { EnrolledNode } from "./enrolled-node.ts";
import { postToCloud } from "./pinned-https.ts";

/** Has the control plane name another certificate of this node in the cluster document. Harmless to repeat; rejects with its reason, worded for a person. */
export async function askNextCertificate({ apiUrl, cloud }: EnrolledNode, request: NextCertificateRequest): Promise<void> {
  const { status, body } = await postToCloud(apiUrl, cloud.caPem, "/v1/node-certificate", request);
  const answer = parseJson(body);
  if (status === 200 && nextCertificateAnswerSchema.safeParse(answer).success) return;
  const refusal = apiErrorSchema.safeParse(answer);
  if (!refusal.success) throw new Error(`the control plane answered with status ${status} and no reason`);
  const { message, nextStep } = refusal.data.error;
  throw new Error(`${message}. ${nextStep}`);
}
