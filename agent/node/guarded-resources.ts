import type { GroupName } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { GuardedResource } from "../resources/resource.ts";

/** Of a group's resources those that the guardian runs, in their order. Picked by name: a kind that is new to the document is not its own. */
export function guardedResources(document: ClusterDocument, group: GroupName): readonly GuardedResource[] {
  const resources = document.groups.find(({ name }) => name === group)?.resources ?? [];
  return resources.flatMap((resource) => (resource.kind === "service" || resource.kind === "address" ? [resource] : []));
}
