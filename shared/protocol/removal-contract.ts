import { z } from "zod";
import { dryRunQuerySchema } from "./api-contract.ts";
import { clusterIdSchema, customerIdSchema, displayNameSchema } from "./id-schemas.ts";

/** `confirm`: the name of what is to be removed, as it is now. */
export const removalQuerySchema = dryRunQuerySchema.extend({ confirm: displayNameSchema.exactOptional() });

/** What would follow, in sentences. `confirm`: the name that the request must hold; null where it need not. */
export const removalPreviewSchema = z.strictObject({ consequences: z.array(z.string()), confirm: z.string().nullable() });
export type RemovalPreview = z.infer<typeof removalPreviewSchema>;

const removed = {
  removedAt: z.iso.datetime(),
  /** More was stored of it than one request deletes: the control plane goes on by itself, or with the same request again. */
  remains: z.boolean(),
};
export const removedClusterSchema = z.strictObject({ clusterId: clusterIdSchema, customerId: customerIdSchema, ...removed });
export type RemovedCluster = z.infer<typeof removedClusterSchema>;

export const removedCustomerSchema = z.strictObject({ customerId: customerIdSchema, ...removed });
export type RemovedCustomer = z.infer<typeof removedCustomerSchema>;
