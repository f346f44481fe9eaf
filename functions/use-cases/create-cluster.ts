import type { CustomerId, GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument, DataSet } from "../../shared/domain/membership/cluster-document.ts";
import type { Resource } from "../../shared/domain/membership/resource.ts";
import type { Timing } from "../../shared/domain/membership/timing-profile.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { audited } from "./audited.ts";
import { customerOrRefuse, noSuchCustomer } from "./find-or-refuse.ts";
import { randomId } from "./random-id.ts";
import { refreshSummary } from "./refresh-summary.ts";
import { Refusal } from "./refusal.ts";
import { removeCluster } from "./remove-cluster.ts";
import { signDocument } from "./sign-document.ts";

export interface CreateClusterRequest {
  readonly name: string;
  readonly timing: Timing;
  readonly dataSets: readonly DataSet[];
  /** Of the group `default`. */
  readonly resources: readonly Resource[];
}

/** A cluster begins without nodes and without a licence, at version 1. */
export async function createCluster(
  dependencies: Dependencies,
  customerId: CustomerId,
  request: CreateClusterRequest,
): Promise<StoredCluster> {
  await customerOrRefuse(dependencies, customerId);
  const { stores, messenger, nowMs } = dependencies;
  const document: ClusterDocument = {
    schema: 1,
    customerId,
    clusterId: randomId("clus"),
    name: request.name,
    version: 1,
    issuedAt: new Date(nowMs()).toISOString(),
    nodes: [],
    groups: [{ name: "default" as GroupName, order: [], resources: request.resources, failback: { mode: "manual" } }],
    dataSets: request.dataSets,
    timing: request.timing,
  };
  const cluster = { document, signed: await signDocument(dependencies, document), memberships: [{ version: 1, voters: [] }] };
  const change = { action: "cluster.created", customerId, subject: document.clusterId, after: document } as const;
  const result = await audited(
    dependencies,
    change,
    () => stores.clusters.add(cluster),
    ({ saved }) => saved,
  );
  if (!result.saved) throw new Refusal("unavailable", "the new cluster could not be kept", "Try again.");
  // The customer may have been removed since it was looked for: whoever removes it and whoever comes here cannot both have missed the other.
  if (!(await stores.customers.noteCluster(customerId, document.clusterId))) {
    await removeCluster(dependencies, document.clusterId, {});
    throw noSuchCustomer(customerId);
  }
  await refreshSummary(dependencies, document.clusterId);
  await messenger.publishDocument(document.clusterId, cluster.signed);
  return cluster;
}
