import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";

/** Events that incidents are still to be made of. An event was ever in here, or it concerns no incident. Rejects with `StoreUnavailableError` only. */
export interface AlertInboxStore {
  /** Adds the event as pending, unless it was ever added: then its state stays as it is. */
  add(event: ClusterEvent, nowMs: number): Promise<"added" | "known">;
  /** Pending events, longest waiting first. Eventually consistent: one just taken may still be listed. */
  due(nowMs: number, limit: number): Promise<readonly ClusterEvent[]>;
  /** Strongly consistent: asked right before it is taken. */
  isPending(event: ClusterEvent): Promise<boolean>;
  /** It is not to be taken before `dueMs`. Nothing happens to one that was taken. */
  postpone(event: ClusterEvent, dueMs: number): Promise<void>;
  /** It is in its cluster's book of incidents. Idempotent. */
  markTaken(event: ClusterEvent, nowMs: number): Promise<void>;
}
