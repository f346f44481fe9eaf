import type { ClusterId, GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument } from "./change-document.ts";
import { groupChange } from "./change-group.ts";
import { Refusal } from "./refusal.ts";

export interface GroupOrder {
  readonly clusterId: ClusterId;
  readonly group: GroupName;
  /** Preferred first. */
  readonly order: readonly NodeId[];
  /** Of the document that the order was read from. */
  readonly expectedVersion: number;
}

/** Puts a group's nodes into another order; all else of it stays. */
export async function orderGroup(
  dependencies: Dependencies,
  { clusterId, group, order, expectedVersion }: GroupOrder,
): Promise<StoredCluster> {
  return changeDocument(
    dependencies,
    clusterId,
    async (document) => {
      const found = document.groups.find(({ name }) => name === group);
      if (found === undefined) throw new Refusal("not-found", `cluster ${document.name} has no group ${group}`, "Read the cluster again.");
      if (found.order.join() === order.join()) return null;
      if (found.order.toSorted().join() !== order.toSorted().join()) {
        const message = `that is not another order of the nodes of group ${group}`;
        throw new Refusal("invalid-request", message, "Name each of its nodes once. Who belongs to it is changed over the API.");
      }
      return groupChange(dependencies, { ...found, order })(document);
    },
    expectedVersion,
  );
}
