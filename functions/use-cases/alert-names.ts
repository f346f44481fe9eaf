import { type ClusterId, controlPlaneId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { namedOf } from "../../shared/domain/membership/members.ts";
import type { Dependencies } from "../dependencies.ts";
import type { AlertNames } from "../notify/alert-message.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";

/** As `alertNames`, of a cluster by its id. */
export async function namesOfCluster(dependencies: Pick<Dependencies, "stores">, clusterId: ClusterId): Promise<AlertNames> {
  return alertNames(dependencies, (await clusterOrRefuse(dependencies, clusterId)).document);
}

/** The names that an alert of the cluster is worded with, as they are now. */
export async function alertNames({ stores }: Pick<Dependencies, "stores">, document: ClusterDocument): Promise<AlertNames> {
  const { customerId, name } = document;
  const customer = await stores.customers.find(customerId);
  const names = new Map(namedOf(document).map((member) => [member.nodeId, member.name]));
  names.set(controlPlaneId, "the control plane");
  return {
    customer: { id: customerId, name: customer?.name ?? customerId },
    clusterName: name,
    nodeName: (node) => names.get(node) ?? node,
  };
}
