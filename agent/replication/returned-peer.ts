import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { changesIn, type Gap, gapTo, isClosed, madeBy } from "../../shared/domain/replication/gap.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { Replica } from "./replica.ts";

/** A peer that had been away: what it alone held, until it is all here, by its own stream or by way of another node. */
export class ReturnedPeer {
  readonly #peer: NodeId;
  readonly #onEvent: (detail: EventDetail) => void;
  /** Data sets of which the peer has said nothing yet since it is back. */
  readonly #unheard = new Set<string>();
  readonly #gaps = new Map<string, { readonly gap: Gap; readonly conflictsBefore: number }>();

  constructor(peer: NodeId, onEvent: (detail: EventDetail) => void) {
    this.#peer = peer;
    this.#onEvent = onEvent;
  }

  isBack(dataSets: readonly string[]): void {
    for (const dataSet of dataSets) this.#unheard.add(dataSet);
  }

  /** The peer's replica is open and so is this one: only then does what it has mean anything. */
  heard(replica: Replica, theirs: VersionVector): void {
    if (!this.#unheard.delete(replica.name)) return;
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
