import type { Difference } from "../../shared/domain/audit/difference.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import {
  type Approval,
  type ApproverKey,
  approvalNeed,
  certificatesOf,
  guardedDifferences,
} from "../../shared/domain/membership/approval.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { approvalProblem, approverName } from "../../shared/protocol/approvals.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import type { Dependencies } from "../dependencies.ts";
import { changeConsequences } from "./change-consequences.ts";
import type { DocumentChange } from "./change-document.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";

/** A cluster's approver, and what waits for his word. */
export interface ApprovalStanding {
  /** The newest: what is to be signed for. */
  readonly document: ClusterDocument;
  /** `name`: as `approverName` has it. Null: the control plane's signature alone counts. */
  readonly approver: { readonly name: string; readonly key: ApproverKey } | null;
  readonly waiting: WaitingChange | null;
}

export interface WaitingChange {
  /** Of the document that the agents go on with. */
  readonly approvedVersion: number;
  /** Why they do. */
  readonly reason: string;
  /** What follows once it is approved, in sentences, and where the guarded parts differ. */
  readonly consequences: readonly string[];
  readonly differences: readonly Difference[];
}

export async function readApproval(dependencies: Dependencies, clusterId: ClusterId): Promise<ApprovalStanding> {
  const { document, approved } = await clusterOrRefuse(dependencies, clusterId);
  const key = document.approval?.key ?? null;
  return {
    document,
    approver: key === null ? null : { name: await approverName(key), key },
    waiting: approved === undefined ? null : await waitingChange(dependencies, approved, document),
  };
}

async function waitingChange(dependencies: Dependencies, approved: ClusterDocument, document: ClusterDocument): Promise<WaitingChange> {
  return {
    approvedVersion: approved.version,
    reason: (await approvalProblem(approved, document)) ?? "",
    consequences: await changeConsequences(dependencies, approved, document),
    differences: guardedDifferences(approved, document),
  };
}

/**
 * Puts an approver's word into the document: for what is there now, and with it who is the approver from then on. Whoever sends it need not be trusted: it is taken where
 * the signature is that of the approver before, or of the first one.
 */
export function approvalChange(approval: Approval): DocumentChange {
  return async (document) => {
    const before = clusterDocumentSchema.parse(document);
    const next: ClusterDocument = { ...before, approval };
    if (JSON.stringify(before.approval) === JSON.stringify(approval)) return null;
    if (approvalNeed(before, next).kind === "none") {
      throw new Refusal("invalid-request", `cluster ${document.name} has no approver, and the request names none`, "Send a key with it.");
    }
    const known = JSON.stringify(certificatesOf(before)) === JSON.stringify(approval.certificates);
    const problem = known ? await approvalProblem(before, next) : "its certificates are not those of the members as they are now";
    if (problem === null) return { approval };
    throw new Refusal(
      "invalid-request",
      `this approval does not hold for version ${document.version} of cluster ${document.name}: ${problem}`,
      "Look again at what waits, and sign that: understudy approver show, then understudy approver approve.",
    );
  };
}
