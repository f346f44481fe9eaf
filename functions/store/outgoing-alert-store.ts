import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { AlertLevel } from "../../shared/domain/incidents/announce.ts";
import type { AlertMessage } from "../notify/alert-message.ts";

/** One announcement on its way to one topic. */
export interface OutgoingAlert {
  readonly customerId: CustomerId;
  readonly clusterId: ClusterId;
  readonly incident: number;
  /** Of the announcement within its incident, from 1. */
  readonly number: number;
  readonly level: AlertLevel;
  readonly message: AlertMessage;
  readonly announcedMs: number;
}

/** What has become of it. Times in milliseconds since 1970. */
export interface AlertHandover extends OutgoingAlert {
  /** Attempts that failed. */
  readonly attempts: number;
  /** Not tried before; null once the notifier has it. */
  readonly dueMs: number | null;
  readonly lastFailure: string | null;
  readonly sentMs: number | null;
  readonly messageId: string | null;
}

/** The outbox of alerts, and what went out. Rejects with `StoreUnavailableError` only. */
export interface OutgoingAlertStore {
  /** Adds it as pending, unless it was ever added. */
  add(alert: OutgoingAlert): Promise<"added" | "known">;
  /** Pending ones that are due, longest due first. Eventually consistent: one just sent may still be listed. */
  due(nowMs: number, limit: number): Promise<readonly AlertHandover[]>;
  /** Strongly consistent: asked right before publishing. `behind`: an earlier one of the incident has to go first. */
  standing(alert: OutgoingAlert): Promise<"pending" | "behind" | "sent">;
  /** The notifier has taken it over. Idempotent. */
  markSent(alert: OutgoingAlert, at: { readonly nowMs: number; readonly messageId: string }): Promise<void>;
  /** An attempt failed: counted, with its reason, and due again at `dueMs`. Nothing happens to one that is sent. */
  postpone(alert: OutgoingAlert, failure: { readonly dueMs: number; readonly reason: string }): Promise<void>;
  /** As `postpone`, without an attempt: it waits for an earlier one. */
  wait(alert: OutgoingAlert, dueMs: number): Promise<void>;
  /** Of the cluster, the newest incident first; `before`: the place of the last one of an earlier page. */
  history(clusterId: ClusterId, page: { readonly limit: number; readonly before?: string }): Promise<readonly AlertHandover[]>;
}

/** Where an alert stands in its cluster's history. */
export function placeOf({ incident, number, level }: Pick<OutgoingAlert, "incident" | "number" | "level">): string {
  return `${String(incident).padStart(9, "0")}#${String(number).padStart(6, "0")}#${level}`;
}
