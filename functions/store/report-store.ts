import type { ClusterId } from "../../shared/domain/ids.ts";
import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";

export interface StoredReport {
  readonly report: NodeReport;
  /** The cloud's clock, ISO 8601 UTC. */
  readonly receivedAt: string;
}

/** The newest report of each node. Rejects with `StoreUnavailableError` only. */
export interface ReportStore {
  /** Keeps the report unless a newer one of the node is there (by incarnation, then by its time). Says what it has replaced. */
  put(report: StoredReport): Promise<"older" | { readonly before: NodeReport | null }>;
  /** Strongly consistent: whether a membership change may go on hangs on it. */
  listOfCluster(clusterId: ClusterId): Promise<readonly StoredReport[]>;
}
