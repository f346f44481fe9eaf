import type { DurableRecord, Sole } from "../../shared/domain/failover/durable-record.ts";
import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";

/** A whole machine as it was, to be put back to (rule 9). */
export interface Snapshot {
  readonly state: NodeState;
  readonly disk: DurableRecord;
  readonly localUs: number;
  readonly document: ClusterDocument;
}

/** Whether the node has agreed since, on its disk, that the other one of two may go on alone. */
export function forgetsBinding({ disk: before }: Snapshot, self: NodeId, now: DurableRecord): boolean {
  const soles = Object.entries(now.soles) as [GroupName, Sole][];
  return soles.some(([group, { node, number }]) => node !== null && node !== self && number > (before.soles[group]?.number ?? 0));
}
