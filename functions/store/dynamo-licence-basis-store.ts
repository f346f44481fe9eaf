import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { DeviceCounts } from "../../shared/domain/licensing/device-counts.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import type { LicenceBasisStore, UsageTold } from "./licence-basis-store.ts";
import { below, clusterPk, keyOf } from "./table-keys.ts";

export class DynamoLicenceBasisStore implements LicenceBasisStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async putDevices(clusterId: ClusterId, counts: DeviceCounts): Promise<void> {
    await this.#table.put({ ...keyOf.devices(clusterId), counts });
  }

  async findDevices(clusterId: ClusterId): Promise<DeviceCounts | undefined> {
    return (await this.#table.get(keyOf.devices(clusterId)))?.["counts"] as DeviceCounts | undefined;
  }

  async putHardware(clusterId: ClusterId, nodeId: NodeId, addresses: readonly string[]): Promise<void> {
    await this.#table.put({ ...keyOf.hardware(clusterId, nodeId), nodeId, addresses });
  }

  async listHardware(clusterId: ClusterId): Promise<ReadonlyMap<NodeId, readonly string[]>> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.hardware);
    return new Map(items.map((item) => [item["nodeId"] as NodeId, item["addresses"] as readonly string[]]));
  }

  async findUsageTold(clusterId: ClusterId): Promise<UsageTold | undefined> {
    const item = await this.#table.get(keyOf.usageTold(clusterId));
    return item === undefined ? undefined : ({ change: item["change"], level: item["level"] } as UsageTold);
  }

  async putUsageTold(clusterId: ClusterId, told: UsageTold): Promise<boolean> {
    const item = { ...keyOf.usageTold(clusterId), ...told };
    if (told.change === 1) return this.#table.putIfAbsent(item);
    return this.#table.put(item, {
      ConditionExpression: "change = :previous",
      ExpressionAttributeValues: { ":previous": told.change - 1 },
    });
  }
}
