import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { changesIn, type Gap, gapTo, isClosed } from "../../shared/domain/replication/gap.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { Replica } from "./replica.ts";

/** Peers that are met within this time after this node had nobody tell what it missed; later ones have been away themselves. */
const meetAllWithinMs = 10_000;

/** From nobody to somebody: what the peers' first words name and this node lacks, it missed while it was away. */
export class CatchUp {
  readonly #onEvent: (detail: EventDetail) => void;
  readonly #gaps = new Map<string, Gap>();
  /** Peers and data sets of which the first word is still to come. */
  readonly #unheard = new Set<string>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  constructor(onEvent: (detail: EventDetail) => void) {
    this.#onEvent = onEvent;
  }

  /** A stream to a peer stands; `first`: it is the only one to anybody. */
  met(peer: NodeId, dataSets: readonly string[], first: boolean): void {
    if (first) this.#sinceMs = performance.now();
    if (performance.now() - this.#sinceMs > meetAllWithinMs) return;
    for (const dataSet of dataSets) this.#unheard.add(`${peer} ${dataSet}`);
  }

  /** The peer's replica is open and so is this one: only then does what it has mean anything. */
  heard(peer: NodeId, replica: Replica, theirs: VersionVector): void {
    if (!this.#unheard.delete(`${peer} ${replica.name}`)) return;
    const gap = gapTo(theirs, replica.vector, this.#gaps.get(replica.name));
    if (gap !== undefined) this.#gaps.set(replica.name, gap);
  }

  /** Called when the replica may have got further. */
  settle(replica: Replica): void {
    const gap = this.#gaps.get(replica.name);
    if (gap === undefined || !replica.following || !isClosed(gap, replica.vector)) return;
    this.#gaps.delete(replica.name);
    this.#onEvent({
      kind: "replication.caught-up",
      dataSet: replica.name,
      changes: changesIn(gap),
      durationMs: Math.round(performance.now() - this.#sinceMs),
    });
  }
}
