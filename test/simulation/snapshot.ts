import type { DurableRecord, LongPromiseRecord, Sole } from "../../shared/domain/failover/durable-record.ts";
import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { VotersSince } from "../../shared/domain/membership/voters-since.ts";
import type { Host } from "./host.ts";

/** A whole machine as it was, to be put back to (rule 9). */
export interface Snapshot {
  readonly state: NodeState;
  readonly disk: DurableRecord;
  readonly localUs: number;
  readonly document: ClusterDocument;
  readonly votersSeen: VotersSince;
}

/** What a snapshot of the machine holds; null while it runs resources, which a restored snapshot would run again (S2). */
export function snapshotOf({ id, process, state, disk, localUs, document, documents, resources }: Host): Snapshot | null {
  const isUp = [...resources.values()].some((one) => one.isUp);
  // So would one of a time when it was the one that may go on alone, where the other node cannot tell it better.
  const isSole = Object.values(disk.record.soles).some(({ node }) => node === id);
  if (process !== "running" || state === null || isUp || isSole) return null;
  return { state, disk: disk.record, localUs, document, votersSeen: documents.seen };
}

/** Whether the node has bound itself to another one since, on its disk: that one of two may go on alone, or has its vote for long. */
export function forgetsBinding({ disk: before }: Snapshot, self: NodeId, now: DurableRecord): boolean {
  const soles = Object.entries(now.soles) as [GroupName, Sole][];
  if (soles.some(([group, { node, number }]) => node !== null && node !== self && number > (before.soles[group]?.number ?? 0))) return true;
  const promises = Object.entries(now.longPromises) as [GroupName, LongPromiseRecord][];
  return promises.some(([group, { to, requestId }]) => to !== self && before.longPromises[group]?.requestId !== requestId);
}
