import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { changesIn, type Gap, gapTo, isClosed, madeBy } from "../../shared/domain/replication/gap.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { Replica } from "./replica.ts";

/**
 * A peer that had been away: what it alone held, until it is all here, by its own stream or by way of another node. Whoever takes something from
 * the peer itself tells, so at least one node does.
 */
export class ReturnedPeer {
  readonly #peer: NodeId;
  readonly #onEvent: (detail: EventDetail) => void;
  /** Data sets of which the peer has said nothing yet since it is here, and whether this node had lost it before. */
  readonly #unheard = new Map<string, boolean>();
  readonly #gaps = new Map<string, { readonly gap: Gap; readonly conflictsBefore: number }>();

  constructor(peer: NodeId, onEvent: (detail: EventDetail) => void) {
    this.#peer = peer;
    this.#onEvent = onEvent;
  }

  isHere(dataSets: readonly string[], wasLost: boolean): void {
    for (const dataSet of dataSets) this.#unheard.set(dataSet, wasLost);
  }

  /** The peer's replica is open and so is this one: only then does what it has mean anything. `younger`: it was started after this node. */
  heard(replica: Replica, theirs: VersionVector, younger: boolean): void {
    const wasLost = this.#unheard.get(replica.name);
    this.#unheard.delete(replica.name);
    // A peer that this node has not met before may have been here all the time, while this node was away.
    if (wasLost === undefined || !(wasLost || younger)) return;
    const open = this.#gaps.get(replica.name);
    const gap = gapTo(madeBy(this.#peer, theirs), replica.vector, open?.gap);
    if (gap !== undefined) this.#gaps.set(replica.name, { gap, conflictsBefore: open?.conflictsBefore ?? replica.conflicts });
  }

  /** Called when the replica may have got further. */
  settle(replica: Replica): void {
    const open = this.#gaps.get(replica.name);
    if (open === undefined || !replica.following || !isClosed(open.gap, replica.vector)) return;
    this.#gaps.delete(replica.name);
    this.#onEvent({
      kind: "replication.merged",
      dataSet: replica.name,
      from: this.#peer,
      changes: changesIn(open.gap),
      conflicts: replica.conflicts - open.conflictsBefore,
    });
  }
}
