import type { ClusterId } from "../../shared/domain/ids.ts";
import type { CloudWitness, ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { type ChangedParts, changeDocument, type DocumentChange } from "./change-document.ts";
import { idFrom } from "./random-id.ts";
import { Refusal } from "./refusal.ts";

/** `automatic`: on where the number of voting nodes is even and nothing else was chosen (settle-witness-vote.ts). */
export type CloudWitnessChoice = "on" | "off" | "automatic";

/** Whether the control plane is the cluster's witness; on, it gets its vote like any witness. Throws a `Refusal` where the cluster has another one. */
export function cloudWitnessChange(choice: CloudWitnessChoice): DocumentChange {
  return async (document) => {
    const change = changeFor(document, choice);
    return change === null ? null : { configures: true, ...change };
  };
}

export function chooseCloudWitness(
  dependencies: Dependencies,
  clusterId: ClusterId,
  choice: CloudWitnessChoice,
  expectedVersion?: number,
): Promise<StoredCluster> {
  return changeDocument(dependencies, clusterId, cloudWitnessChange(choice), expectedVersion);
}

function changeFor(document: ClusterDocument, choice: CloudWitnessChoice): ChangedParts | null {
  const { witness, cloudWitness, name } = document;
  if (choice === "off") {
    if (cloudWitness === "off" && witness?.kind !== "cloud") return null;
    return { cloudWitness: "off", ...(witness?.kind === "cloud" ? { witness: null } : {}) };
  }
  if (choice === "automatic") return cloudWitness === undefined ? null : { cloudWitness: null };
  if (witness?.kind === "cloud") return null;
  if (witness !== undefined) {
    const message = `cluster ${name} has a witness already, ${witness.name}: one is all that helps`;
    throw new Refusal("witness-taken", message, `Remove ${witness.name} first.`);
  }
  return { cloudWitness: null, whenAlone: "stop", witness: newCloudWitness(document) };
}

/**
 * Without a vote yet. Of several who make one at the same version only one is stored: they make the same one, so that nobody begins its votes anew under another id
 * after they were begun.
 */
export function newCloudWitness({ clusterId, version }: Pick<ClusterDocument, "clusterId" | "version">): CloudWitness {
  return { kind: "cloud", nodeId: idFrom("node", `witness/${clusterId}/${version}`), name: "the control plane", voting: false };
}
