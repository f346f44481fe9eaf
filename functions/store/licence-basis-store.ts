import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { UsageLevel } from "../../shared/domain/licensing/capacity.ts";
import type { DeviceCounts } from "../../shared/domain/licensing/device-counts.ts";

/** The level that people were told last; `change` counts how often they were. */
export interface UsageTold {
  readonly change: number;
  readonly level: UsageLevel;
}

/** What a cluster's licences are measured against. Reads are strongly consistent. Rejects with `StoreUnavailableError` only. */
export interface LicenceBasisStore {
  /** Replaces what was declared before. */
  putDevices(clusterId: ClusterId, counts: DeviceCounts): Promise<void>;
  /** Undefined: never declared. */
  findDevices(clusterId: ClusterId): Promise<DeviceCounts | undefined>;

  /** Replaces what the node has told before. */
  putHardware(clusterId: ClusterId, nodeId: NodeId, addresses: readonly string[]): Promise<void>;
  /** Of every node that has told; nodes that have left the cluster may be among them. */
  listHardware(clusterId: ClusterId): Promise<ReadonlyMap<NodeId, readonly string[]>>;

  findUsageTold(clusterId: ClusterId): Promise<UsageTold | undefined>;
  /** Replaces the one with `change - 1`, and no other: of two who tell the same at once, one is told false. */
  putUsageTold(clusterId: ClusterId, told: UsageTold): Promise<boolean>;
}
