import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Incident, IncidentBook } from "../../shared/domain/incidents/incident.ts";
import type { OutgoingAlert } from "./outgoing-alert-store.ts";

/** A cluster's incidents, with the announcements that were made with the last change and may not lie in the outbox yet. */
export interface StoredBook {
  readonly book: IncidentBook;
  readonly outgoing: readonly OutgoingAlert[];
  /** When to look at it again, in milliseconds since 1970; null: not before another event. */
  readonly dueMs: number | null;
  /** 0 before the first save. */
  readonly version: number;
}

/** Rejects with `StoreUnavailableError` only. */
export interface IncidentStore {
  /** An empty book where the cluster has none yet. Strongly consistent. */
  find(clusterId: ClusterId): Promise<StoredBook>;
  /** Replaces the version before: whoever was faster makes it `overtaken`, and nothing is changed. */
  save(next: StoredBook): Promise<"saved" | "overtaken">;
  /** Clusters whose book is to be looked at. Eventually consistent. */
  due(nowMs: number, limit: number): Promise<readonly ClusterId[]>;
  /** Keeps what leaves the book. Idempotent. */
  archive(clusterId: ClusterId, incident: Incident): Promise<void>;
  /** The newest first; those before an incident's number. */
  archived(clusterId: ClusterId, page: { readonly limit: number; readonly before?: number }): Promise<readonly Incident[]>;
}
