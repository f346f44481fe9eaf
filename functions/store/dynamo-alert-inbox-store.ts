import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AlertInboxStore } from "./alert-inbox-store.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import { keyOf, listingOf, sortableMs } from "./table-keys.ts";

/** A pending event stands in the sparse index; one that was taken stays as an item, so that a repeat is known. */
export class DynamoAlertInboxStore implements AlertInboxStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(event: ClusterEvent, nowMs: number): Promise<"added" | "known"> {
    const listing = { ...listingOf.pendingAlerts, listSk: duePlace(event, nowMs) };
    return (await this.#table.putIfAbsent({ ...inboxKey(event), ...listing, event })) ? "added" : "known";
  }

  async due(nowMs: number, limit: number): Promise<readonly ClusterEvent[]> {
    const { items } = await this.#table.listingPage(listingOf.pendingAlerts.listPk, { limit, upTo: `${sortableMs(nowMs)}~` });
    return items.map((item) => item["event"] as ClusterEvent);
  }

  async isPending(event: ClusterEvent): Promise<boolean> {
    const item = await this.#table.get(inboxKey(event));
    return item?.["listPk"] !== undefined;
  }

  async postpone(event: ClusterEvent, dueMs: number): Promise<void> {
    await this.#table.update(inboxKey(event), {
      UpdateExpression: "SET listSk = :place",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: { ":place": duePlace(event, dueMs) },
    });
  }

  async markTaken(event: ClusterEvent, nowMs: number): Promise<void> {
    await this.#table.update(inboxKey(event), {
      UpdateExpression: "SET takenAtMs = :now REMOVE listPk, listSk",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: { ":now": nowMs },
    });
  }
}

function duePlace(event: ClusterEvent, dueMs: number): string {
  return `${sortableMs(dueMs)}#${event.eventId}`;
}

function inboxKey(event: ClusterEvent) {
  return keyOf.alert(event.clusterId, event.eventId);
}
