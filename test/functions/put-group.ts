import type { Dependencies } from "../../functions/dependencies.ts";
import { changeDocument } from "../../functions/use-cases/change-document.ts";
import { groupChange } from "../../functions/use-cases/change-group.ts";
import type { ClusterId, GroupName } from "../../shared/domain/ids.ts";
import type { PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";

/** What the API's route does. */
export async function putGroup(
  dependencies: Dependencies,
  target: { readonly clusterId: ClusterId; readonly group: GroupName; readonly expectedVersion: number },
  content: Omit<PriorityGroup, "name">,
) {
  const change = groupChange(dependencies, { name: target.group, ...content });
  return changeDocument(dependencies, target.clusterId, change, target.expectedVersion);
}
