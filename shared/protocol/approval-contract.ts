import { z } from "zod";
import { approvalSchema, approverKeySchema } from "./approvals.ts";
import { clusterDocumentSchema } from "./cluster-document-schema.ts";

/** Bodies of `/v1/clusters/{clusterId}/approval`. */
export const approvalStandingSchema = z.strictObject({
  /** The newest: what is to be signed for. Whoever signs looks at this, and at nothing that is said of it. */
  document: clusterDocumentSchema,
  /** Null: the control plane's signature alone counts. */
  approver: z.strictObject({ name: z.string(), key: approverKeySchema }).nullable(),
  waiting: z
    .strictObject({
      approvedVersion: z.int().min(1),
      reason: z.string(),
      consequences: z.array(z.string()),
      differences: z.array(z.strictObject({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
    })
    .nullable(),
});

export const putApprovalSchema = approvalSchema;
