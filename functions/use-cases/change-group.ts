import { limits } from "../../shared/config/limits.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { entitlementsOf } from "../../shared/domain/licensing/licensed-roles.ts";
import type { ClusterDocument, PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import type { DocumentChange } from "./change-document.ts";
import { readLicenceBasis } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";

/** Replaces a priority group, or adds it. */
export function groupChange(dependencies: Dependencies, group: PriorityGroup): DocumentChange {
  return async (document) => {
    const { groups } = document;
    await refuseUnlicensedMembers(dependencies, document, group);
    if (groups.some(({ name }) => name === group.name)) {
      return { configures: true, groups: groups.map((old) => (old.name === group.name ? group : old)) };
    }
    if (groups.length < limits.groupsPerClusterMax) return { configures: true, groups: [...groups, group] };
    const message = `the cluster already has ${limits.groupsPerClusterMax} groups, the most that it may have`;
    throw new Refusal("invalid-request", message, "Put the resources into one of the groups that are there.");
  };
}

/**
 * Takes a priority group away: where it runs, what belongs to it stops, and nobody takes it over. It takes no licence. What still needs the group (a
 * data set, a trigger, every cluster its group `default`) refuses that, each with its place.
 */
export function groupRemoval(name: GroupName): DocumentChange {
  return async ({ name: cluster, groups }) => {
    const rest = groups.filter((group) => group.name !== name);
    if (rest.length < groups.length) return { groups: rest };
    throw new Refusal("not-found", `cluster ${cluster} has no group ${name}`, "Read the cluster again: it may be removed already.");
  };
}

/** Who stands in the order may run the services, for which its licence must let it. Whoever stands there already stays. */
async function refuseUnlicensedMembers(dependencies: Dependencies, document: ClusterDocument, group: PriorityGroup): Promise<void> {
  const before = new Set(document.groups.find(({ name }) => name === group.name)?.order);
  const added = new Set(group.order.filter((nodeId) => !before.has(nodeId)));
  if (added.size === 0) return;
  const { terms, nodes } = await readLicenceBasis(dependencies, document);
  const refused = nodes.find(
    (node) => added.has(node.nodeId) && !entitlementsOf(terms, node, dependencies.nowMs()).includes("active_cluster_member"),
  );
  if (refused === undefined) return;
  const name = document.nodes.find(({ nodeId }) => nodeId === refused.nodeId)?.name ?? refused.nodeId;
  throw new Refusal(
    "licence-entitlement",
    `the licences of cluster ${document.name} do not let ${name} run services (active_cluster_member)`,
    "Leave it out of the group's order, or issue a licence that lets it.",
  );
}
