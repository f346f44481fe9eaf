import type { ControlPlaneFact } from "../../shared/domain/preflight/preflight-facts.ts";
import type { JoinToken } from "../../shared/protocol/join-token.ts";
import { AgentError } from "../agent-error.ts";
import type { EnrolledNode } from "../cloud/enrolled-node.ts";
import { openHttps, openPinnedHttps, type PinnedHttps } from "../cloud/pinned-https.ts";

/** Asks it for nothing but its clock; with the token nothing is done, and it stays good. */
export function lookByToken({ apiUrl, apiCaSha256 }: JoinToken): Promise<ControlPlaneFact> {
  return looked(apiUrl, () => openPinnedHttps(apiUrl, apiCaSha256));
}

export function lookByEnrolment({ apiUrl, cloud }: EnrolledNode): Promise<ControlPlaneFact> {
  return looked(apiUrl, () => openHttps(new URL(apiUrl), cloud.caPem));
}

async function looked(apiUrl: string, open: () => Promise<PinnedHttps>): Promise<ControlPlaneFact> {
  const { origin } = new URL(apiUrl);
  try {
    const { clockAheadMs } = await open();
    return { origin, answer: { kind: "answered", clockAheadMs } };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    const kind = error.code === "clock-wrong" ? "clock-wrong" : error.code === "cloud-not-trusted" ? "untrusted" : "unreachable";
    return { origin, answer: { kind, problem: error.message.replace(/\.$/, "") } };
  }
}
