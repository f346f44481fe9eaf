import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import type { NodePresence, PresenceStore, ToldSilence } from "./presence-store.ts";
import { below, clusterPk, keyOf, listingOf, sortableMs } from "./table-keys.ts";

export class DynamoPresenceStore implements PresenceStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async put(presence: NodePresence): Promise<"stored" | "older"> {
    const stored = await this.#table.put(presenceItem(presence, presence.connected ? null : Date.parse(presence.since)), {
      ConditionExpression: "attribute_not_exists(pk) OR sequenceNumber < :sequence",
      ExpressionAttributeValues: { ":sequence": presence.sequence },
    });
    return stored ? "stored" : "older";
  }

  async find(clusterId: ClusterId, nodeId: NodeId): Promise<NodePresence | undefined> {
    const item = await this.#table.get(keyOf.presence(clusterId, nodeId));
    return item === undefined ? undefined : presenceOf(item);
  }

  async listOfCluster(clusterId: ClusterId): Promise<readonly NodePresence[]> {
    return (await this.#table.allBelow(clusterPk(clusterId), below.presence)).map(presenceOf);
  }

  async toJudge(nowMs: number, limit: number): Promise<readonly NodePresence[]> {
    const { items } = await this.#table.listingPage(listingOf.silentNodes.listPk, { limit, upTo: `${sortableMs(nowMs)}~` });
    return items.map(presenceOf);
  }

  async judged(
    presence: NodePresence,
    { told, againMs }: { readonly told: ToldSilence | null; readonly againMs: number | null },
  ): Promise<void> {
    const { told: _before, ...rest } = presence;
    await this.#table.put(presenceItem(told === null ? rest : { ...rest, told }, againMs), {
      ConditionExpression: "sequenceNumber = :sequence",
      ExpressionAttributeValues: { ":sequence": presence.sequence },
    });
  }
}

function presenceItem(presence: NodePresence, judgeAtMs: number | null) {
  const { clusterId, nodeId, sequence } = presence;
  const listing = judgeAtMs === null ? {} : { ...listingOf.silentNodes, listSk: `${sortableMs(judgeAtMs)}#${clusterId}#${nodeId}` };
  return { ...keyOf.presence(clusterId, nodeId), ...listing, sequenceNumber: sequence, presence };
}

function presenceOf(item: Item): NodePresence {
  return item["presence"] as NodePresence;
}
