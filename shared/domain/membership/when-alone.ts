import type { ClusterDocument } from "./cluster-document.ts";
import { nodeVotersOf, votingWitnessOf } from "./quorum.ts";

/**
 * What two nodes without a third voter do when they lose each other, since neither can tell a dead peer from a cut link.
 * - `stop`: nobody goes on. Nothing runs twice, and the loss of either node stops the service.
 * - `survivor`: while both talk they agree durably who may go on alone: the operational node. The other never takes over by itself; an operator
 *   may have it do so, and answers for the first one being down.
 * - `probe`: as `survivor`, and the other one takes over by itself where nobody answers for the group's addresses any more while a gateway
 *   answers; the operational node steps down where neither the other one nor a gateway answers.
 */
export type WhenAlone = "stop" | "survivor" | "probe";

/** What the document asks for, where it can be had: in all other clusters a majority decides. */
export function whenAloneOf(document: ClusterDocument): WhenAlone {
  const { whenAlone = "stop" } = document;
  // Asked for several times with every message, and most clusters say nothing.
  if (whenAlone === "stop") return "stop";
  const isPair = nodeVotersOf(document).length === 2 && votingWitnessOf(document) === null;
  return isPair ? whenAlone : "stop";
}
