import type { ClusterId } from "../../shared/domain/ids.ts";
import type { DynamoTable, Item } from "./dynamo-table.ts";
import { type AlertHandover, type OutgoingAlert, type OutgoingAlertStore, placeOf } from "./outgoing-alert-store.ts";
import { below, clusterPk, keyOf, listingOf, sortableMs } from "./table-keys.ts";

const reasonLengthMax = 1_000;

/** A pending alert stands in the sparse index under the instant at which it is due; a sent one stays as an item: the history. */
export class DynamoOutgoingAlertStore implements OutgoingAlertStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async add(alert: OutgoingAlert): Promise<"added" | "known"> {
    const listing = { ...listingOf.outgoingAlerts, listSk: duePlace(alert.announcedMs, alert) };
    return (await this.#table.putIfAbsent({ ...outgoingKey(alert), ...listing, alert, attempts: 0, dueMs: alert.announcedMs }))
      ? "added"
      : "known";
  }

  async due(nowMs: number, limit: number): Promise<readonly AlertHandover[]> {
    const { items } = await this.#table.listingPage(listingOf.outgoingAlerts.listPk, { limit, upTo: `${sortableMs(nowMs)}~` });
    return items.map(handoverOf);
  }

  async standing(alert: OutgoingAlert): Promise<"pending" | "behind" | "sent"> {
    const ofIncident = await this.#table.allBelow(clusterPk(alert.clusterId), `${below.outgoing}${placeOf(alert).split("#", 1)[0]}#`);
    const pending = ofIncident.map(handoverOf).filter((other) => other.dueMs !== null && other.level === alert.level);
    if (!pending.some(({ number }) => number === alert.number)) return "sent";
    return pending.some(({ number }) => number < alert.number) ? "behind" : "pending";
  }

  async markSent(alert: OutgoingAlert, at: { readonly nowMs: number; readonly messageId: string }): Promise<void> {
    await this.#table.update(outgoingKey(alert), {
      UpdateExpression: "SET sentMs = :now, messageId = :message REMOVE listPk, listSk, dueMs",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: { ":now": at.nowMs, ":message": at.messageId },
    });
  }

  async postpone(alert: OutgoingAlert, { dueMs, reason }: { readonly dueMs: number; readonly reason: string }): Promise<void> {
    await this.#table.update(outgoingKey(alert), {
      UpdateExpression: "SET attempts = attempts + :one, dueMs = :due, listSk = :place, lastFailure = :reason",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: {
        ":one": 1,
        ":due": dueMs,
        ":place": duePlace(dueMs, alert),
        ":reason": reason.slice(0, reasonLengthMax),
      },
    });
  }

  async wait(alert: OutgoingAlert, dueMs: number): Promise<void> {
    await this.#table.update(outgoingKey(alert), {
      UpdateExpression: "SET dueMs = :due, listSk = :place",
      ConditionExpression: "attribute_exists(listPk)",
      ExpressionAttributeValues: { ":due": dueMs, ":place": duePlace(dueMs, alert) },
    });
  }

  async history(
    clusterId: ClusterId,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<readonly AlertHandover[]> {
    const items = await this.#table.newestBefore({ pk: clusterPk(clusterId), sk: below.outgoing + (before ?? "~") }, limit);
    return items.filter(({ sk }) => String(sk).startsWith(below.outgoing)).map(handoverOf);
  }
}

function outgoingKey(alert: OutgoingAlert) {
  return keyOf.outgoingAlert(alert.clusterId, placeOf(alert));
}

function duePlace(dueMs: number, alert: OutgoingAlert): string {
  return `${sortableMs(dueMs)}#${alert.clusterId}#${placeOf(alert)}`;
}

function handoverOf(item: Item): AlertHandover {
  return {
    ...(item["alert"] as OutgoingAlert),
    attempts: item["attempts"] as number,
    dueMs: (item["dueMs"] as number | undefined) ?? null,
    lastFailure: (item["lastFailure"] as string | undefined) ?? null,
    sentMs: (item["sentMs"] as number | undefined) ?? null,
    messageId: (item["messageId"] as string | undefined) ?? null,
  };
}
