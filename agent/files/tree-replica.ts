import type { NodeId, OriginId } from "../../shared/domain/ids.ts";
import { type ReplicaView, sameView } from "../../shared/domain/replication/exchange-state.ts";
import type { DataSetStatus, VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { covers, seqIn } from "../../shared/domain/replication/version-vector.ts";
import { Replica } from "../replication/replica.ts";
import type { FileSetReport } from "./files-messages.ts";

/**
 * The manifest of a tree. What this node says that it has is not what its manifest has, but what stands in its tree: so everything that waits for another
 * node to have a change (a barrier, a planned switchover, the log) waits for the files as well.
 */
export class TreeReplica extends Replica {
  report: FileSetReport | undefined;
  #told: ReplicaView | undefined;
  #shown: { readonly durable: VersionVector; readonly level: VersionVector; readonly shown: VersionVector } | undefined;

  /** How far the manifest itself has got; undefined while it cannot be used. The same object for as long as that does not change. */
  get manifestVector(): VersionVector | undefined {
    return this.following ? super.view.vector : undefined;
  }

  override get view(): ReplicaView {
    const view = super.view;
    this.#told = sameView(this.#told, { ...view, durable: this.#shownOf(view) });
    return this.#told;
  }

  override status(members: readonly NodeId[]): Omit<DataSetStatus, "syncingWith"> {
    const status = super.status(members);
    const { report } = this;
    if (report === undefined) return status;
    const isArriving = status.phase === "following" && report.role !== "writer" && report.writer !== null && !report.isComplete;
    const problem = status.problem ?? report.problem?.slice(0, 1_000);
    return {
      ...status,
      phase: isArriving ? "receiving-snapshot" : status.phase,
      vector: lower(status.vector, report.level ?? {}, super.view.origin),
      behind: status.behind + report.filesBehind,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Of a manifest all is kept: what stands in the tree goes by it, and a node that was away follows it entry by entry. */
  override letGo(): undefined {}

  #shownOf({ durable, origin }: ReplicaView): VersionVector {
    const level = this.report?.level ?? nothing;
    if (this.#shown?.durable !== durable || this.#shown.level !== level) {
      this.#shown = { durable, level, shown: lower(durable, level, origin) };
    }
    return this.#shown.shown;
  }
}

const nothing: VersionVector = {};

/** Of what the manifest has, what the tree shows. This node's own entries describe what stands in it. */
function lower(vector: VersionVector, level: VersionVector, own: OriginId | null): VersionVector {
  if (covers(level, vector)) return vector;
  const shown: Record<OriginId, number> = {};
  for (const [origin, seq] of Object.entries(vector) as [OriginId, number][]) {
    shown[origin] = origin === own ? seq : Math.min(seq, seqIn(level, origin));
  }
  return shown;
}
