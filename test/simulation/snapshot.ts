import type { DurableRecord } from "../../shared/domain/failover/durable-record.ts";
import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";

/** A whole machine as it was, to be put back to (rule 9). */
export interface Snapshot {
  readonly state: NodeState;
  readonly disk: DurableRecord;
  readonly localUs: number;
  readonly document: ClusterDocument;
}
