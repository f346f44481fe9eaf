import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import type { Customer } from "../store/customer-store.ts";
import { type ChangePreview, changeDocument, checkChange } from "../use-cases/change-document.ts";
import { type DeclaredTrigger, type TriggerTarget, triggerChange, triggerRemoval } from "../use-cases/change-trigger.ts";
import { readTriggers, type ShownTrigger } from "../use-cases/read-triggers.ts";

/** Everything that the page about a cluster's triggers shows. */
export interface TriggersView {
  readonly customer: Customer;
  readonly document: ClusterDocument;
  readonly triggers: readonly ShownTrigger[];
  /** What the nodes have told about triggers, newest first. */
  readonly told: readonly ClusterEvent[];
}

/** What that page reads and changes; refused like everything that the console changes. */
export interface TriggerConsoleData {
  read(clusterId: ClusterId): Promise<TriggersView | undefined>;
  /** As it is declared, null to remove it; says what would follow. `expectedVersion`: of the document that the visitor has seen. */
  check(target: VersionedTrigger, declared: DeclaredTrigger | null): Promise<ChangePreview>;
  change(target: VersionedTrigger, declared: DeclaredTrigger | null): Promise<void>;
}

export type VersionedTrigger = TriggerTarget & { readonly expectedVersion: number };

/** On the control plane's own use cases. */
export function triggerConsoleData(dependencies: Dependencies): TriggerConsoleData {
  const { stores } = dependencies;
  const wanted = (name: string, declared: DeclaredTrigger | null) =>
    declared === null ? triggerRemoval(name) : triggerChange(dependencies, name, declared);
  return {
    async read(clusterId) {
      const document = (await stores.clusters.find(clusterId))?.document;
      const customer = document === undefined ? undefined : await stores.customers.find(document.customerId);
      if (document === undefined || customer === undefined) return undefined;
      return { customer, document, ...(await readTriggers(dependencies, clusterId)) };
    },
    check: ({ clusterId, trigger, expectedVersion }, declared) =>
      checkChange(dependencies, clusterId, wanted(trigger, declared), expectedVersion),
    async change({ clusterId, trigger, expectedVersion }, declared) {
      await changeDocument(dependencies, clusterId, wanted(trigger, declared), expectedVersion);
    },
  };
}
