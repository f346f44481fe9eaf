import { limits } from "../../shared/config/limits.ts";
import type { NodeId, OriginId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { covers, joined, seqIn } from "../../shared/domain/replication/version-vector.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import type { LoggedChange } from "./change-log.ts";
import { packChanges } from "./incoming-unit.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";

/** Frames on their way: acknowledged when the peer's vector covers `upTo`. */
interface InFlight {
  readonly upTo: VersionVector;
  readonly bytes: number;
}

/** What this node sends one peer of one data set: everything that the peer lacks, in the order of this node's log, a bounded amount ahead of its acknowledgements. */
export class DataSetLink {
  readonly #replica: Replica;
  readonly #peer: NodeId;
  /** The peer's last word; undefined until there is one on the present stream. */
  #state: FrameOf<"state"> | undefined;
  /** What the peer will have once it has applied all that was sent. */
  #sent: VersionVector = {};
  #cursor = 0;
  /** The log's end when the unit under way was begun: all up to it is shown at once. */
  #unitEnd = 0;
  #unitOpen = false;
  #inFlight: InFlight[] = [];
  /** Which opening of the file the cursor belongs to: another file numbers its log in its own way. */
  #opening = 0;

  constructor(replica: Replica, peer: NodeId) {
    this.#replica = replica;
    this.#peer = peer;
  }

  /** Neither side lacks anything that the other has. */
  get isLevel(): boolean {
    const { vector } = this.#state ?? {};
    return vector !== undefined && covers(vector, this.#replica.vector) && covers(this.#replica.vector, vector);
  }

  /** The stream is gone: what was under way is sent again from the peer's next word on. */
  reset(): void {
    this.#state = undefined;
    this.#startFrom({});
  }

  received(state: FrameOf<"state">): void {
    const before = this.#state;
    this.#state = state;
    const { known } = this.#replica;
    known.set(this.#peer, state.vector);
    for (const [node, vector] of Object.entries(state.known) as [NodeId, VersionVector][]) {
      if (node !== this.#replica.identity.nodeId && node !== this.#peer) known.set(node, joined(known.get(node) ?? {}, vector));
    }
    const sameReplica = before !== undefined && before.lineage === state.lineage && covers(state.vector, before.vector);
    if (!sameReplica || state.resend) this.#startFrom(state.vector);
    else this.#sent = joined(this.#sent, state.vector);
    this.#inFlight = this.#inFlight.filter(({ upTo }) => !covers(state.vector, upTo));
  }

  /** The peer has what it sends itself: nothing of it goes back. */
  hasSent({ origins, changes }: FrameOf<"changes">): void {
    const theirs: Record<OriginId, number> = {};
    for (const [origin, seq] of changes) {
      const name = origins[origin];
      if (name !== undefined) theirs[name] = Math.max(theirs[name] ?? 0, seq);
    }
    this.#sent = joined(this.#sent, theirs);
  }

  /** Sends as much as the peer may get now. Throws where the log cannot be read. */
  pump(stream: PeerStream): void {
    const state = this.#state;
    if (state === undefined || state.holding || state.lineage === null || state.lineage !== this.#replica.lineage) return;
    if (this.#opening !== this.#replica.openings) this.#startFrom(state.vector);
    while (this.#replica.following && this.#maySend(stream)) {
      if (!this.#unitOpen && this.#cursor >= this.#unitEnd) {
        if (this.#cursor >= this.#replica.logEnd) return;
        this.#unitEnd = this.#replica.logEnd;
      }
      const { changes, readTo } = this.#replica.read(this.#cursor, this.#unitEnd, this.#sent);
      this.#cursor = readTo;
      const final = readTo >= this.#unitEnd;
      if (changes.length === 0 && !this.#unitOpen) continue;
      const about = { dataSet: this.#replica.name, schema: this.#replica.fingerprint };
      stream.send(packChanges(about, changes, final));
      this.#unitOpen = !final;
      this.#note(changes);
    }
  }

  /** A unit once begun is finished whatever the window says: the peer can acknowledge nothing before. */
  #maySend(stream: PeerStream): boolean {
    if (stream.backlogBytes >= limits.replicationFrameBytesMax) return false;
    const inFlight = this.#inFlight.reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#unitOpen || inFlight < limits.replicationInFlightBytesMax;
  }

  #note(changes: readonly LoggedChange[]): void {
    const upTo: Record<string, number> = { ...this.#sent };
    let bytes = 0;
    for (const { origin, seq, row } of changes) {
      upTo[origin] = Math.max(seqIn(upTo, origin), seq);
      bytes += row.length + 64;
    }
    this.#sent = upTo;
    this.#inFlight.push({ upTo, bytes });
  }

  #startFrom(vector: VersionVector): void {
    this.#sent = vector;
    this.#cursor = 0;
    this.#unitEnd = 0;
    this.#unitOpen = false;
    this.#inFlight = [];
    this.#opening = this.#replica.openings;
  }
}
