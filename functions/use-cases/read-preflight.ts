import type { ClusterId } from "../../shared/domain/ids.ts";
import { type ClusterPreflight, clusterPreflight } from "../../shared/domain/preflight/cluster-preflight.ts";
import type { Dependencies } from "../dependencies.ts";
import { readClusterState } from "./read-cluster-state.ts";

/** What each node's agent has found at its own server, and the nodes beside each other. */
export async function readPreflight(dependencies: Dependencies, clusterId: ClusterId): Promise<ClusterPreflight> {
  const { document, reports } = await readClusterState(dependencies, clusterId);
  return clusterPreflight(document, reports);
}
