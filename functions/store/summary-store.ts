import type { ClusterId } from "../../shared/domain/ids.ts";
import type { ClusterSummary } from "../../shared/domain/monitoring/cluster-summary.ts";

export interface StoredSummary {
  readonly summary: ClusterSummary;
  /** Grows by one with every change; 1 for the first. */
  readonly version: number;
}

/** One small item for each cluster. Rejects with `StoreUnavailableError` only. */
export interface SummaryStore {
  /** Strongly consistent. */
  find(clusterId: ClusterId): Promise<StoredSummary | undefined>;
  /** Replaces the version before: whoever was faster makes it `overtaken`, and nothing is changed. */
  save(next: StoredSummary): Promise<"saved" | "overtaken">;
  /** Takes it off the lists of every process; it can never be saved again. Idempotent. */
  remove(clusterId: ClusterId): Promise<void>;
  /** Every cluster's, in no order; the same array for as long as nothing has changed. Eventually consistent. */
  list(): Promise<readonly ClusterSummary[]>;

  /** Of which form the summaries of all clusters are; 0 where nobody has ever seen to it. */
  completeForm(): Promise<number>;
  noteComplete(form: number): Promise<void>;
}
