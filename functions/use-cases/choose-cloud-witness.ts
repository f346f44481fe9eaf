import type { ClusterId } from "../../shared/domain/ids.ts";
import type { CloudWitness, ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { firstVotes } from "../../shared/domain/witness/cloud-votes.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { type ChangedParts, changeDocument } from "./change-document.ts";
import { randomId } from "./random-id.ts";
import { Refusal } from "./refusal.ts";
import { refuseLapsed } from "./refuse-lapsed.ts";

/** `automatic`: on where the number of voting nodes is even and nothing else was chosen (settle-witness-vote.ts). */
export type CloudWitnessChoice = "on" | "off" | "automatic";

/** Whether the control plane is the cluster's witness; on, it gets its vote like any witness. Throws a `Refusal` where the cluster has another one. */
export async function chooseCloudWitness(
  dependencies: Dependencies,
  clusterId: ClusterId,
  choice: CloudWitnessChoice,
  expectedVersion?: number,
): Promise<StoredCluster> {
  return changeDocument(
    dependencies,
    clusterId,
    async (document) => {
      const change = await changeFor(dependencies, document, choice);
      if (change !== null) await refuseLapsed(dependencies, document);
      return change;
    },
    expectedVersion,
  );
}

async function changeFor(dependencies: Dependencies, document: ClusterDocument, choice: CloudWitnessChoice): Promise<ChangedParts | null> {
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
  return { cloudWitness: null, whenAlone: "stop", witness: await newCloudWitness(dependencies, document) };
}

/** Without a vote yet. Its votes are there before any node hears of it: from then on an item that is missing was lost. */
export async function newCloudWitness({ stores }: Pick<Dependencies, "stores">, { clusterId }: ClusterDocument): Promise<CloudWitness> {
  const nodeId = randomId("node");
  await stores.witness.begin(clusterId, firstVotes(nodeId));
  return { kind: "cloud", nodeId, name: "the control plane", voting: false };
}
