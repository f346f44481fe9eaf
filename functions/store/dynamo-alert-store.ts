import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AlertStore, PendingAlert } from "./alert-store.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { keyOf, listingOf, sortableMs } from "./table-keys.ts";

/** A pending alert stands in the sparse index under the instant at which it is due; a sent one stays as an item, so that a repeat is known. */
export class DynamoAlertStore implements AlertStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(event: ClusterEvent, nowMs: number): Promise<"added" | "known"> {
    const listing = { ...listingOf.pendingAlerts, listSk: duePlace(nowMs, event) };
    const added = await this.#table.putIfAbsent({ ...alertKey(event), ...listing, event, attempts: 0, notBeforeMs: nowMs });
    return added ? "added" : "known";
  }

  async due(nowMs: number, limit: number): Promise<readonly PendingAlert[]> {
    const { items } = await this.#table.listingPage(listingOf.pendingAlerts.listPk, { limit, upTo: `${sortableMs(nowMs)}~` });
    return items.map(alertOf);
  }

  async isPending(event: ClusterEvent): Promise<boolean> {
    const item = await this.#table.get(alertKey(event));
    return item?.["listPk"] !== undefined;
  }

  async markSent(event: ClusterEvent, at: { readonly nowMs: number; readonly messageId: string }): Promise<void> {
    await this.#table.update(alertKey(event), {
      UpdateExpression: "SET sentAtMs = :now, messageId = :message REMOVE listPk, listSk",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: { ":now": at.nowMs, ":message": at.messageId },
    });
  }

  async postpone(event: ClusterEvent, failure: { readonly notBeforeMs: number; readonly reason: string }): Promise<void> {
    await this.#table.update(alertKey(event), {
      UpdateExpression: "SET attempts = attempts + :one, notBeforeMs = :due, listSk = :place, lastFailure = :reason",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: {
        ":one": 1,
        ":due": failure.notBeforeMs,
        ":place": duePlace(failure.notBeforeMs, event),
        ":reason": failure.reason.slice(0, 1_000),
      },
    });
  }
}

function alertKey(event: ClusterEvent) {
  return keyOf.alert(event.clusterId, event.eventId);
}

function duePlace(dueMs: number, event: ClusterEvent): string {
  return `${sortableMs(dueMs)}#${event.eventId}`;
}

function alertOf(item: Item): PendingAlert {
  return { event: item["event"] as ClusterEvent, attempts: item["attempts"] as number, notBeforeMs: item["notBeforeMs"] as number };
}
