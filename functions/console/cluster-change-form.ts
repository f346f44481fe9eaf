import { z } from "zod";
import { patchNodeSchema } from "../../shared/protocol/api-contract.ts";
import { displayNameSchema, groupNameSchema, nodeIdSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { clusterChange } from "../use-cases/change-cluster.ts";
import { dataSetRemoval } from "../use-cases/change-data-set.ts";
import type { DocumentChange } from "../use-cases/change-document.ts";
import { groupRemoval } from "../use-cases/change-group.ts";
import { nodeChange } from "../use-cases/change-node.ts";
import { nodeRemoval } from "../use-cases/remove-node.ts";
import { checked, namesIn } from "./form-fields.ts";

/** What the page about a cluster's changes can send, each with the fields of its form; the change is that of the API's route. */
const proposalSchema = z.discriminatedUnion("what", [
  z.object({ what: z.literal("cluster"), name: displayNameSchema }),
  z.object({ what: z.literal("ring"), ring: z.array(nodeIdSchema) }),
  z.object({ what: z.literal("node"), nodeId: nodeIdSchema, name: displayNameSchema, host: z.string().trim() }),
  z.object({ what: z.literal("remove-node"), nodeId: nodeIdSchema }),
  z.object({ what: z.literal("remove-group"), group: groupNameSchema }),
  z.object({ what: z.literal("remove-data-set"), dataSet: slugSchema }),
]);
export type ClusterProposal = z.infer<typeof proposalSchema>;

export const stepSchema = z.object({
  version: z.coerce.number().pipe(z.int().min(1)),
  step: z.enum(["check", "change"]),
});

type Fields = Readonly<Record<string, string>>;

export function proposalIn(fields: Fields): ClusterProposal {
  return checked(proposalSchema, { ...fields, name: fields["name"]?.trim(), ring: namesIn(fields["ring"]) });
}

export function proposedChange(proposal: ClusterProposal): DocumentChange {
  switch (proposal.what) {
    case "cluster":
      return clusterChange({ name: proposal.name });
    case "ring":
      return clusterChange({ ring: proposal.ring });
    case "node": {
      const { nodeId, name, host } = proposal;
      // The control plane as the witness has a name, and no address.
      return nodeChange(nodeId, { name, ...(host === "" ? {} : { host: checked(patchNodeSchema, { host }).host ?? host }) });
    }
    case "remove-node":
      return nodeRemoval(proposal.nodeId);
    case "remove-group":
      return groupRemoval(proposal.group);
    case "remove-data-set":
      return dataSetRemoval(proposal.dataSet);
  }
}
