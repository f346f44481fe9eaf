import type { Context } from "hono";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { clusterSchema } from "../../shared/protocol/api-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { readLicensedNodes } from "../use-cases/read-licences.ts";
import type { ApiEnv } from "./api-env.ts";
import { answer, setVersionTag } from "./route-parts.ts";

export interface ClusterBody {
  readonly document: ClusterDocument;
  readonly licensedNodes: number;
}

export async function clusterBody(dependencies: Dependencies, { document }: StoredCluster): Promise<ClusterBody> {
  return { document, licensedNodes: await readLicensedNodes(dependencies, document.clusterId) };
}

/** A cluster with its version as ETag: what If-Match wants back. */
export async function clusterAnswer<Status extends 200 | 201>(context: Context<ApiEnv>, cluster: StoredCluster, status: Status) {
  setVersionTag(context, cluster.document.version);
  return answer(context, clusterSchema, status, await clusterBody(context.get("acting"), cluster));
}
