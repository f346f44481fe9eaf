import { join } from "node:path";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { missingFrom, seqIn } from "../../shared/domain/replication/version-vector.ts";
import { FrameError, type FrameOf, type ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { DataSetLink } from "./data-set-link.ts";
import { BrokenChanges, IncomingUnit } from "./incoming-unit.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";
import { ChangesMissing, SchemaMoved } from "./sqlite-apply.ts";
import { isLocked } from "./sqlite-problem.ts";

export interface SessionOptions {
  readonly peer: NodeId;
  readonly replicas: () => readonly Replica[];
  readonly dataDir: string;
  readonly onEvent: (detail: EventDetail) => void;
  /** The peer has said what it has. */
  readonly onHeard: (replica: Replica) => void;
  /** The replica has new rows. */
  readonly onApplied: (replica: Replica) => void;
  readonly onClosed: (reason: string) => void;
}

const lockedRetryMs = 20;
/** A lock that lasts longer is a problem to tell, and no reason to keep the peer's frames waiting here. */
const lockedPatienceMs = 1_500;
const schemaRetriesMax = 10;
/** A peer that has something for this node, and has sent nothing for this long, is asked again. */
const askAgainAfterMs = 2_000;

/** What a peer that had been away alone held, until it is all here. */
interface ReturnGap {
  readonly from: VersionVector;
  readonly to: VersionVector;
  changes: number;
  conflicts: number;
}

/**
 * All streams with one peer, and what is sent and received of each data set. Changes go out on the first stream only; two nodes that are each
 * other's successor have opened one each.
 */
export class PeerSession {
  readonly #options: SessionOptions;
  readonly #streams: PeerStream[] = [];
  readonly #links = new Map<string, DataSetLink>();
  readonly #movedAtMs = new Map<string, number>();
  readonly #gaps = new Map<string, ReturnGap>();
  /** Data sets of which a peer that was lost has said nothing yet since it is back. */
  readonly #returning = new Set<string>();
  #wasLost = false;
  #closing = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get peer(): NodeId {
    return this.#options.peer;
  }
  get isOpen(): boolean {
    return this.#streams.length > 0;
  }
  get isLevel(): boolean {
    return this.isOpen && this.#options.replicas().every((replica) => this.#link(replica).isLevel || !replica.following);
  }
  get silentMs(): number {
    return Math.min(...this.#streams.map((stream) => stream.silentMs));
  }

  add(stream: PeerStream): void {
    this.#closing = false;
    if (this.#wasLost) for (const { name } of this.#options.replicas()) this.#returning.add(name);
    this.#wasLost = false;
    this.#streams.push(stream);
    const units = new Map<string, IncomingUnit>();
    stream.onDrain(() => this.pump());
    stream.handle({
      onFrame: (frame) => this.#received(stream, frame, units),
      onClosed: (reason) => {
        for (const unit of units.values()) unit.clear();
        const place = this.#streams.indexOf(stream);
        if (place === -1) return;
        this.#streams.splice(place, 1);
        // What the first stream carried is lost; the next word of the peer on another tells from where to go on.
        if (place === 0) for (const link of this.#links.values()) link.reset();
        if (this.isOpen) return;
        this.#wasLost = !this.#closing;
        this.#options.onClosed(reason);
      },
    });
    for (const replica of this.#options.replicas()) this.tell(replica);
  }

  /** Says what this node has: acknowledgement, and sign of life. */
  tell(replica: Replica, resend = false): void {
    const { name, fingerprint, lineage, vector, known, holding } = replica;
    for (const stream of this.#streams) {
      stream.send({
        type: "state",
        dataSet: name,
        schema: fingerprint,
        lineage,
        hasDatabase: lineage !== null,
        vector: { ...vector },
        known: Object.fromEntries(known),
        resend,
        holding,
      });
    }
  }

  /** The sign of life. Where the peer has changes that do not come, whatever went wrong, they are asked for anew. */
  signOfLife(replica: Replica): void {
    // What the peer alone held may have come by way of another.
    this.#closeGap(replica.vector, 0, replica);
    const lacking = replica.following && missingFrom(replica.vector, replica.known.get(this.peer) ?? {}) > 0;
    const now = performance.now();
    const since = this.#movedAtMs.get(replica.name) ?? now;
    const askAgain = lacking && now - since > askAgainAfterMs;
    this.#movedAtMs.set(replica.name, lacking && !askAgain ? since : now);
    this.tell(replica, askAgain);
  }

  /** Sends what the peer lacks. */
  pump(): void {
    const [stream] = this.#streams;
    if (stream === undefined) return;
    for (const replica of this.#options.replicas()) {
      try {
        this.#link(replica).pump(stream);
      } catch (error) {
        if (error instanceof FrameError) {
          this.#options.onEvent({
            kind: "replication.refused",
            dataSet: replica.name,
            reason: `a change is too large to send: ${error.message}`,
          });
          replica.refuse(`a change is too large to send (${error.message}): store large contents as files, or split the row`);
        } else if (!isLocked(error)) replica.fail(error);
      }
    }
  }

  /** `lost`: the peer itself is gone, so what it comes back with is what it alone held. */
  close(reason: string, lost: boolean): void {
    this.#closing = !lost;
    // Closing takes a stream out of the list.
    for (const stream of this.#streams.slice()) stream.close(reason);
  }

  #link(replica: Replica): DataSetLink {
    const known = this.#links.get(replica.name);
    if (known !== undefined) return known;
    const link = new DataSetLink(replica, this.peer);
    this.#links.set(replica.name, link);
    return link;
  }

  async #received(stream: PeerStream, frame: ReplicationFrame, units: Map<string, IncomingUnit>): Promise<void> {
    if (frame.type !== "state" && frame.type !== "changes") return stream.refuse(`a ring stream carries no ${frame.type} frames`);
    const replica = this.#options.replicas().find((one) => one.name === frame.dataSet);
    // The peer may have a newer document than this node: what is not known here is passed over, not punished.
    if (replica === undefined) return;
    if (frame.type === "state") return this.#receivedState(stream, frame, replica);
    let unit = units.get(frame.dataSet);
    if (unit === undefined) {
      unit = new IncomingUnit(join(this.#options.dataDir, `incoming-${frame.dataSet}-${this.peer}-${this.#streams.indexOf(stream)}.spool`));
      units.set(frame.dataSet, unit);
    }
    if (replica.holding) return unit.clear();
    this.#movedAtMs.set(replica.name, performance.now());
    unit.add(frame);
    if (!frame.final) return;
    await this.#apply(stream, replica, unit);
    unit.clear();
  }

  #receivedState(stream: PeerStream, frame: FrameOf<"state">, replica: Replica): void {
    if (frame.lineage !== null && replica.lineage !== null && frame.lineage !== replica.lineage) {
      const reason = `this node and ${this.peer} each started data set ${replica.name} from a database of their own: decide which one counts, move the other node's file away, and it takes a copy`;
      if (replica.following) this.#options.onEvent({ kind: "replication.refused", dataSet: replica.name, reason });
      return replica.refuse(reason);
    }
    if (replica.isRewound(frame.vector)) {
      const reason = `${replica.path} has gone back in time (${this.peer} has newer changes that this node itself made): move the file away, and this node takes a fresh copy`;
      this.#options.onEvent({ kind: "replication.refused", dataSet: replica.name, reason });
      return replica.refuse(reason);
    }
    if (this.#returning.delete(replica.name)) this.#openGap(frame.vector, replica);
    // Acknowledgements count on every stream; where to send from is the business of the one that sends.
    if (stream === this.#streams[0]) this.#link(replica).received(frame);
    this.pump();
    this.#options.onHeard(replica);
  }

  async #apply(stream: PeerStream, replica: Replica, unit: IncomingUnit): Promise<void> {
    const startedAtMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      const before = replica.vector;
      try {
        const { changes, conflicts } = replica.apply(unit.changes());
        if (changes > 0) {
          this.#closeGap(before, conflicts, replica);
          this.#options.onApplied(replica);
        }
        return;
      } catch (error) {
        if (error instanceof SchemaMoved && attempt < schemaRetriesMax) continue;
        if (isLocked(error) && performance.now() - startedAtMs < lockedPatienceMs) {
          await new Promise((resolve) => setTimeout(resolve, lockedRetryMs));
          if (replica.following) continue;
          return;
        }
        if (error instanceof ChangesMissing) return this.tell(replica, true);
        if (error instanceof BrokenChanges || error instanceof RangeError) {
          this.#options.onEvent({
            kind: "replication.refused",
            dataSet: replica.name,
            reason: `${this.peer} sent changes that cannot be: ${error.message}`,
          });
          return stream.refuse(error.message);
        }
        replica.hold(error);
        return this.tell(replica);
      }
    }
  }

  #openGap(theirs: VersionVector, replica: Replica): void {
    const own = Object.fromEntries(Object.entries(theirs).filter(([origin]) => origin.startsWith(`${this.peer}:`)));
    if (missingFrom(replica.vector, own) === 0) return;
    this.#gaps.set(replica.name, { from: replica.vector, to: own, changes: 0, conflicts: 0 });
  }

  #closeGap(before: VersionVector, conflicts: number, replica: Replica): void {
    const gap = this.#gaps.get(replica.name);
    if (gap === undefined) return;
    for (const [origin, to] of Object.entries(gap.to) as [keyof VersionVector, number][]) {
      gap.changes += Math.max(0, Math.min(seqIn(replica.vector, origin), to) - Math.max(seqIn(before, origin), seqIn(gap.from, origin)));
    }
    gap.conflicts += conflicts;
    if (missingFrom(replica.vector, gap.to) > 0) return;
    this.#gaps.delete(replica.name);
    if (gap.changes === 0) return;
    this.#wasLost = false;
    this.#options.onEvent({
      kind: "replication.merged",
      dataSet: replica.name,
      from: this.peer,
      changes: gap.changes,
      conflicts: gap.conflicts,
    });
  }
}
