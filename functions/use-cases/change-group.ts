import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, GroupName } from "../../shared/domain/ids.ts";
import type { PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument } from "./change-document.ts";
import { Refusal } from "./refusal.ts";

/** Replaces a priority group, or adds it. `expectedVersion`: the version of the document that the caller has seen. */
export async function changeGroup(
  dependencies: Dependencies,
  target: { readonly clusterId: ClusterId; readonly group: GroupName; readonly expectedVersion: number },
  content: Omit<PriorityGroup, "name">,
): Promise<StoredCluster> {
  const group: PriorityGroup = { name: target.group, ...content };
  return changeDocument(
    dependencies,
    target.clusterId,
    async ({ groups }) => {
      if (groups.some(({ name }) => name === group.name)) return { groups: groups.map((old) => (old.name === group.name ? group : old)) };
      if (groups.length < limits.groupsPerClusterMax) return { groups: [...groups, group] };
      const message = `the cluster already has ${limits.groupsPerClusterMax} groups, the most that it may have`;
      throw new Refusal("invalid-request", message, "Put the resources into one of the groups that are there.");
    },
    target.expectedVersion,
  );
}
