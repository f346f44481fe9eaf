import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { describeChange } from "../../shared/domain/membership/describe-change.ts";
import { describeDeparture } from "../../shared/domain/monitoring/describe-departure.ts";
import type { Dependencies } from "../dependencies.ts";
import { observeCluster } from "./observe-cluster.ts";
import { readLicensedNodes } from "./read-licences.ts";

/** What becomes of a cluster with a change of its document, in sentences; where a node leaves, by what the nodes have last reported too. */
export async function changeConsequences(
  dependencies: Dependencies,
  before: ClusterDocument,
  after: ClusterDocument,
): Promise<readonly string[]> {
  const described = describeChange(before, after);
  const staying = new Set(after.nodes.map(({ nodeId }) => nodeId));
  if (before.nodes.every(({ nodeId }) => staying.has(nodeId))) return described;
  const [{ observation }, licensedNodes] = await Promise.all([
    observeCluster(dependencies, before),
    readLicensedNodes(dependencies, before.clusterId),
  ]);
  return [...described, ...describeDeparture(observation, after, licensedNodes)];
}
