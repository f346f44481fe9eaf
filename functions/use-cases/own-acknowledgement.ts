import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { cloudWitnessOf } from "../../shared/domain/membership/members.ts";
import { answerNode, versionInForce } from "../../shared/domain/witness/cloud-votes.ts";
import type { Dependencies } from "../dependencies.ts";

/**
 * The version that the control plane's own vote answers for, as each node's report tells for that node: from here on nothing is promised on an
 * older one. Empty where it has no vote, or where it was asked in this very moment: the next change of the document tries again.
 */
export async function ownAcknowledgement(
  { stores }: Pick<Dependencies, "stores">,
  document: ClusterDocument,
): Promise<readonly (readonly [NodeId, number])[]> {
  const witness = cloudWitnessOf(document);
  const votes = witness === null ? undefined : await stores.witness.find(document.clusterId);
  if (witness === null || votes?.witness !== witness) return [];
  const { votes: next } = answerNode(votes, { document, votersSince: document.version }, witness, { type: "look" });
  const isStored = next === votes || (await stores.witness.replace(document.clusterId, next));
  return isStored ? [[witness, versionInForce(next)]] : [];
}
