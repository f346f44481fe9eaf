import type { ClusterId } from "../../shared/domain/ids.ts";
import { lanWitnessOf } from "../../shared/domain/membership/members.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument, type DocumentChange } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/** What two nodes do when they lose each other. Throws a `Refusal` where a majority decides anyway. */
export function whenAloneChange(whenAlone: WhenAlone): DocumentChange {
  return async (document) => {
    if ((document.whenAlone ?? "stop") === whenAlone) return null;
    if (whenAlone !== "stop" && (document.nodes.length > 2 || lanWitnessOf(document) !== null)) {
      const third = lanWitnessOf(document) === null ? `${document.nodes.length} nodes` : "a witness";
      const message = `cluster ${document.name} has ${third}: a majority decides who goes on`;
      throw new Refusal("invalid-request", message, "Leave it at stop: nobody has to go on alone here.");
    }
    return { configures: true, whenAlone, ...(document.witness?.kind === "cloud" ? { witness: null } : {}) };
  };
}

export function changeWhenAlone(
  dependencies: Dependencies,
  clusterId: ClusterId,
  whenAlone: WhenAlone,
  expectedVersion?: number,
): Promise<StoredCluster> {
  return changeDocument(dependencies, clusterId, whenAloneChange(whenAlone), expectedVersion);
}
