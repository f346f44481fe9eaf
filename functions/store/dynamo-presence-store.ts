import type { ClusterId } from "../../shared/domain/ids.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import type { NodePresence, PresenceStore } from "./presence-store.ts";
import { below, clusterPk, keyOf } from "./table-keys.ts";

export class DynamoPresenceStore implements PresenceStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async put(presence: NodePresence): Promise<"stored" | "older"> {
    const { sequence } = presence;
    const stored = await this.#table.put(
      { ...keyOf.presence(presence.clusterId, presence.nodeId), sequenceNumber: sequence, presence },
      {
        ConditionExpression: "attribute_not_exists(pk) OR sequenceNumber < :sequence",
        ExpressionAttributeValues: { ":sequence": sequence },
      },
    );
    return stored ? "stored" : "older";
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly NodePresence[]> {
    const items = await this.#table.allBelow(clusterPk(clusterId), below.presence);
    return items.map((item) => item["presence"] as NodePresence);
  }
}
