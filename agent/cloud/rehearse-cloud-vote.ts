import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { isCloudWitnessPossible } from "../../shared/domain/membership/witness-vote.ts";
import type { WitnessClient } from "./witness-client.ts";

const [firstAfterMs, everyMs] = [5_000, 60_000];

/** Where the control plane may come to be the witness: whether this node can ask it, and how long that takes, before anybody counts on it. */
export function rehearseCloudVote(client: Pick<WitnessClient, "ask">, document: () => ClusterDocument): { end(): void } {
  const rehearse = (): void => {
    if (isCloudWitnessPossible(document())) void client.ask({ type: "look" });
  };
  const first = setTimeout(rehearse, firstAfterMs).unref();
  const next = setInterval(rehearse, everyMs).unref();
  return {
    end: () => {
      clearTimeout(first);
      clearInterval(next);
    },
  };
}
