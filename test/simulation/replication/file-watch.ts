import { type ReplicaView, sameView } from "../../../shared/domain/replication/exchange-state.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { covers, seqIn } from "../../../shared/domain/replication/version-vector.ts";
import type { Machine } from "./machine.ts";
import type { Control } from "./records.ts";
import type { VirtualReplica } from "./virtual-replica.ts";

/** What is told of a file that went back is not judged here. */
const held: VersionVector = {};

interface Synced {
  readonly vector: VersionVector;
  readonly sealed: number;
}

/** What an agent sees of its file, and of that what the disk has for certain. */
export class FileWatch {
  readonly #machine: Machine;
  readonly #replica: VirtualReplica;
  readonly #onSynced: () => void;
  /** What no loss of power takes back. */
  #synced: Synced;
  /** Grows with every new incarnation: the log counts otherwise from then on. */
  #opening: number;
  #view: ReplicaView | undefined;
  /** Of what the view was made. */
  #viewed: { readonly control: Control; readonly synced: Synced } | undefined;

  constructor(machine: Machine, replica: VirtualReplica, onSynced: () => void, opening = 1) {
    this.#opening = opening;
    this.#machine = machine;
    this.#replica = replica;
    this.#onSynced = onSynced;
    this.#synced = { vector: replica.vector, sealed: replica.control.sealed };
  }

  get opening(): number {
    return this.#opening;
  }

  /** Its numbers are others now, and on the disk. */
  opened(): void {
    this.#synced = { vector: this.#replica.vector, sealed: 0 };
    this.#opening += 1;
  }

  /** What was committed is on the disk some time later, and only then told. */
  syncLater(): void {
    const { file, vector, control } = this.#replica;
    this.#machine.world.after(this.#machine.syncMs(), () => {
      file.sync();
      this.#synced = { vector, sealed: control.sealed };
      this.#onSynced();
    });
  }

  /** The same object for as long as nothing in it changes. */
  view(following: boolean): ReplicaView {
    const { control, conflicts } = this.#replica;
    const before = this.#view;
    const synced = this.#synced;
    const isLooked = this.#viewed?.control === control && this.#viewed.synced === synced;
    if (before !== undefined && isLooked && before.following === following) return before;
    const { origin, n, sealed, pruned, settled } = control;
    // A vector is made anew at every look; it is another one only where the log has grown.
    const isSame = before !== undefined && before.logEnd === n && before.origin === origin;
    const vector = isSame ? before.vector : this.#replica.vector;
    const own = { ...synced.vector, [origin]: seqIn(vector, origin) };
    const durable = this.#machine.world.mutant?.tellsUnsynced === true || covers(own, vector) ? vector : own;
    this.#viewed = { control, synced };
    this.#view = sameView(before, {
      path: "the file",
      following,
      lineage: "one",
      vector,
      durable,
      origin,
      schema: "same",
      logEnd: n,
      opening: this.#opening,
      held,
      sealed: Math.min(sealed, synced.sealed),
      pruned,
      settled,
      conflicts,
      openConflicts: this.#replica.openConflicts,
      whenSkewed: this.#machine.world.options.whenSkewed,
    });
    return this.#view;
  }
}
