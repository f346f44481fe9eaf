import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";

/** An event that subscribers must learn of, and have not (as far as is known). Its id is the event's id. */
export interface PendingAlert {
  readonly event: ClusterEvent;
  /** Attempts so far. */
  readonly attempts: number;
  /** Milliseconds since 1970; not tried before. */
  readonly notBeforeMs: number;
}

/** The outbox of alerts: kept until the notifier has taken them over. Rejects with `StoreUnavailableError` only. */
export interface AlertStore {
  /** Adds the event as pending, unless it was ever added: then its state stays as it is. */
  add(event: ClusterEvent, nowMs: number): Promise<"added" | "known">;
  /** Pending alerts that are due, longest due first. Eventually consistent: one just sent may still be listed. */
  due(nowMs: number, limit: number): Promise<readonly PendingAlert[]>;
  /** Strongly consistent: asked right before publishing. */
  isPending(event: ClusterEvent): Promise<boolean>;
  /** The notifier has taken it over. Idempotent. */
  markSent(event: ClusterEvent, at: { readonly nowMs: number; readonly messageId: string }): Promise<void>;
  /** An attempt failed: counted, with its reason, and due again at `notBeforeMs`. Nothing happens to one that is sent. */
  postpone(event: ClusterEvent, failure: { readonly notBeforeMs: number; readonly reason: string }): Promise<void>;
}
