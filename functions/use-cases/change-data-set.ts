import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, DataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { type ChangedParts, changeDocument, checkChange, type DocumentChange } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/** A declaration for a cluster; `expectedVersion`: the version of the document that the caller has seen. */
export interface DataSetTarget {
  readonly clusterId: ClusterId;
  readonly expectedVersion: number;
}

/** Replaces a data set's declaration, or adds it; of what kind it is stays. */
export function dataSetChange(dataSet: DataSet): DocumentChange {
  return async (document) => declared(document, dataSet);
}

/**
 * Takes a data set's declaration away; what the nodes have of it stays on their disks. It takes no licence. An application's own database stays
 * declared: what notes its changes is in it, and would go on without anybody who takes them.
 */
export function dataSetRemoval(name: string): DocumentChange {
  return async ({ name: cluster, dataSets }) => {
    const found = dataSets.find((dataSet) => dataSet.name === name);
    if (found === undefined) {
      throw new Refusal("not-found", `cluster ${cluster} has no data set ${name}`, "Read the cluster again: it may be removed already.");
    }
    if (found.kind === "sqlite") {
      const message = `data set ${name} is an application's own database, which goes on noting its changes while it is replicated by nobody`;
      throw new Refusal(
        "invalid-request",
        message,
        "Leave it declared; where tables shall not be replicated any more, name them as local.",
      );
    }
    return { dataSets: dataSets.filter((dataSet) => dataSet !== found) };
  };
}

export async function changeDataSet(
  dependencies: Dependencies,
  { clusterId, expectedVersion }: DataSetTarget,
  dataSet: DataSet,
): Promise<StoredCluster> {
  return changeDocument(dependencies, clusterId, dataSetChange(dataSet), expectedVersion);
}

/** Refuses what `changeDataSet` would refuse now, and changes nothing. */
export async function checkDataSet(
  dependencies: Dependencies,
  { clusterId, expectedVersion }: DataSetTarget,
  dataSet: DataSet,
): Promise<void> {
  await checkChange(dependencies, clusterId, dataSetChange(dataSet), expectedVersion);
}

function declared(document: ClusterDocument, dataSet: DataSet): ChangedParts {
  const { dataSets, nodes } = document;
  const before = dataSets.find(({ name }) => name === dataSet.name);
  if (before === undefined && dataSets.length >= limits.dataSetsPerClusterMax) {
    const message = `the cluster already has ${limits.dataSetsPerClusterMax} data sets, the most that it may have`;
    throw new Refusal("invalid-request", message, "Put the data into one of those that are there.");
  }
  if (before !== undefined && before.kind !== dataSet.kind) {
    const message = `data set ${dataSet.name} is of kind ${before.kind}, and what it holds would be nothing to one of kind ${dataSet.kind}`;
    throw new Refusal("invalid-request", message, "Declare another data set, with a name of its own.");
  }
  const stranger = orderedIn(dataSet).find((node) => nodes.every(({ nodeId }) => nodeId !== node) && !orderedIn(before).includes(node));
  if (stranger !== undefined) {
    const message = `there is no node ${stranger} in the cluster, which an order of data set ${dataSet.name}'s conflicts names`;
    throw new Refusal(
      "invalid-request",
      message,
      `Name nodes by their ids: ${nodes.map(({ nodeId, name }) => `${nodeId} (${name})`).join(", ")}.`,
    );
  }
  const declaredNow = before === undefined ? [...dataSets, dataSet] : dataSets.map((old) => (old === before ? dataSet : old));
  return { configures: true, dataSets: declaredNow };
}

/** Nodes in the orders by which its tables settle conflicts. One that has left since may stay there. */
function orderedIn(dataSet: DataSet | undefined): readonly NodeId[] {
  const conflicts = dataSet?.kind === "sqlite" ? (dataSet.conflicts ?? []) : [];
  return conflicts.flatMap((declared) => (declared.policy === "priority" ? declared.order : []));
}
