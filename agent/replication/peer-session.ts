import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { missingFrom } from "../../shared/domain/replication/version-vector.ts";
import { FrameError, type FrameOf, type ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { DataSetLink } from "./data-set-link.ts";
import { IncomingChanges } from "./incoming-changes.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";
import { ReturnedPeer } from "./returned-peer.ts";
import { isLocked } from "./sqlite-problem.ts";

export interface SessionOptions {
  readonly peer: NodeId;
  /** When this node's own exchange began, on the monotonic clock. */
  readonly startedAtMs: number;
  readonly replicas: () => readonly Replica[];
  readonly dataDir: string;
  readonly onEvent: (detail: EventDetail) => void;
  /** For the log. */
  readonly onWarning: (message: string) => void;
  /** The peer's replica and this one are open, and this is what the peer has. */
  readonly onHeard: (replica: Replica, theirs: VersionVector) => void;
  /** What is known of the peer has changed. */
  readonly onMoved: (replica: Replica) => void;
  /** Changes came, and have been applied or were here already: to be acknowledged. */
  readonly onApplied: (replica: Replica) => void;
  /** The replica cannot apply now: every peer has to know. */
  readonly onHolding: (replica: Replica) => void;
  readonly onClosed: (reason: string) => void;
}

/** Which of the two opened a stream. */
export type OpenedBy = "self" | "peer";

interface Carrier {
  readonly stream: PeerStream;
  readonly openedBy: OpenedBy;
  readonly incoming: IncomingChanges;
  /** The peer's last word on this stream, by data set. */
  readonly states: Map<string, FrameOf<"state">>;
  /** The peer was started after this node. */
  younger: boolean;
}

/** The net under it all: a peer that has something for this node, and has sent nothing for this long, is asked again, and the log tells. */
const askAgainAfterMs = 2_000;
const silentAfterMs = 5_000;

/**
 * All streams with one peer, and what is sent and received of each data set. Two nodes that are each other's successor have opened one each. Changes
 * go out on the newest, since of that one it is most certain that somebody is at its other end; what they say of themselves goes out on all.
 */
export class PeerSession {
  readonly #options: SessionOptions;
  readonly #carriers: Carrier[] = [];
  readonly #links = new Map<string, DataSetLink>();
  readonly #movedAtMs = new Map<string, number>();
  /** Which opening of each replica's file the peer was told of: nothing is sent that it could not have expected. */
  readonly #toldOpenings = new Map<string, number>();
  /** Data sets of which something was dropped, since this replica could not apply: asked for as soon as it can. */
  readonly #dropped = new Set<string>();
  readonly #returned: ReturnedPeer;
  #wasLost = false;
  #closing = false;
  #pumpAgain = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#returned = new ReturnedPeer(options.peer, options.onEvent);
  }

  get peer(): NodeId {
    return this.#options.peer;
  }
  get isOpen(): boolean {
    return this.#carriers.length > 0;
  }
  /** The path of the stream that this side opened, where it did. */
  get dialledPath(): PathName | undefined {
    return this.#carriers.find(({ openedBy }) => openedBy === "self")?.stream.path;
  }
  get isLevel(): boolean {
    return this.isOpen && this.#options.replicas().every((replica) => this.#link(replica).isLevel || !replica.following);
  }

  add(stream: PeerStream, openedBy: OpenedBy): void {
    this.#closing = false;
    const incoming = new IncomingChanges(this.peer, this.#options.dataDir);
    const carrier: Carrier = { stream, openedBy, incoming, states: new Map(), younger: false };
    // Either side opens another stream only when it has lost the one before, whatever this side's socket believes of that.
    const replaced = this.#carriers.filter((one) => one.openedBy === openedBy);
    if (!this.isOpen || replaced.length > 0) {
      const dataSets = this.#options.replicas().map(({ name }) => name);
      this.#returned.isHere(dataSets, this.#wasLost || replaced.length > 0);
    }
    this.#wasLost = false;
    this.#carriers.push(carrier);
    this.#startOver();
    stream.onDrain(() => this.pump());
    stream.handle({ onFrame: (frame) => this.#received(carrier, frame), onClosed: (reason) => this.#lost(carrier, reason) });
    for (const { stream: old } of replaced) old.close("it was replaced by a newer stream");
    for (const replica of this.#options.replicas()) this.tell(replica);
  }

  /** Says what this node has: acknowledgement, and sign of life. What was dropped while the replica could not apply is asked for with it. */
  tell(replica: Replica, resend = false): void {
    const { name, fingerprint, lineage, vector, known, holding } = replica;
    const again = (!holding && this.#dropped.delete(name)) || resend;
    this.#toldOpenings.set(name, replica.openings);
    for (const { stream } of this.#carriers) {
      stream.send({
        type: "state",
        dataSet: name,
        schema: fingerprint,
        lineage,
        hasDatabase: lineage !== null,
        vector: { ...vector },
        known: Object.fromEntries(known),
        resend: again,
        runningMs: Math.round(performance.now() - this.#options.startedAtMs),
        holding,
      });
    }
  }

  /** The sign of life. Where the peer has changes that do not come, whatever went wrong, they are asked for anew. */
  signOfLife(replica: Replica): void {
    // While this node itself cannot apply, nothing is late: what is dropped is asked for when it can.
    const lacking = !replica.holding && missingFrom(replica.vector, replica.known.get(this.peer) ?? {}) > 0;
    const now = performance.now();
    const since = this.#movedAtMs.get(replica.name) ?? now;
    const askAgain = lacking && now - since > askAgainAfterMs;
    this.#movedAtMs.set(replica.name, lacking && !askAgain ? since : now);
    if (askAgain) this.#options.onWarning(`changes of data set ${replica.name} that ${this.peer} has did not come: asked for again`);
    this.tell(replica, askAgain);
  }

  /** The replica may have got further, by whatever peer. */
  settle(replica: Replica): void {
    this.#returned.settle(replica);
  }

  /** Closes streams on which nothing was heard for long, and sends what a lock held up. */
  tick(): void {
    for (const { stream } of this.#carriers.slice()) {
      if (stream.silentMs > silentAfterMs) stream.close(`silent for ${Math.round(stream.silentMs)} ms`);
    }
    if (this.#pumpAgain) this.pump();
  }

  /** Sends what the peer lacks. */
  pump(): void {
    this.#pumpAgain = false;
    const carrier = this.#carriers.at(-1);
    if (carrier === undefined) return;
    for (const replica of this.#options.replicas()) {
      try {
        if (replica.following && this.#toldOpenings.get(replica.name) !== replica.openings) this.tell(replica);
        this.#link(replica).pump(carrier.stream);
      } catch (error) {
        if (error instanceof FrameError)
          replica.refuse(`a change is too large to send (${error.message}): store large contents as files, or split the row`);
        else if (isLocked(error)) this.#pumpAgain = true;
        else replica.fail(error);
      }
    }
  }

  /** `lost`: the peer itself is gone, so what it comes back with is what it alone held. */
  close(reason: string, lost: boolean): void {
    this.#closing = !lost;
    // Closing takes a stream out of the list.
    for (const { stream } of this.#carriers.slice()) stream.close(reason);
  }

  #lost(carrier: Carrier, reason: string): void {
    carrier.incoming.clear();
    const place = this.#carriers.indexOf(carrier);
    if (place === -1) return;
    this.#carriers.splice(place, 1);
    if (!this.isOpen) {
      this.#startOver();
      this.#wasLost = !this.#closing;
      this.#options.onClosed(reason);
    } else if (place === this.#carriers.length) this.#startOver();
  }

  /** What the stream before carried may be lost: sending starts from the peer's last word on the one that is the newest now. */
  #startOver(): void {
    for (const link of this.#links.values()) link.reset();
    for (const [name, state] of this.#carriers.at(-1)?.states ?? []) {
      const replica = this.#options.replicas().find((one) => one.name === name);
      if (replica !== undefined) this.#link(replica).received(state);
    }
    this.pump();
  }

  #link(replica: Replica): DataSetLink {
    const known = this.#links.get(replica.name);
    if (known !== undefined) return known;
    const link = new DataSetLink(replica, this.peer);
    this.#links.set(replica.name, link);
    return link;
  }

  async #received(carrier: Carrier, frame: ReplicationFrame): Promise<void> {
    if (frame.type !== "state" && frame.type !== "changes") return carrier.stream.refuse(`a ring stream carries no ${frame.type} frames`);
    const replica = this.#options.replicas().find((one) => one.name === frame.dataSet);
    // The peer may have a newer document than this node: what is not known here is passed over, not punished.
    if (replica === undefined) return;
    if (frame.type === "state") return this.#receivedState(carrier, frame, replica);
    this.#heard(carrier, replica);
    const outcome = await carrier.incoming.take(frame, replica);
    this.#movedAtMs.set(replica.name, performance.now());
    if (outcome === "kept") return;
    if (outcome === "missing") return this.tell(replica, true);
    if (outcome === "dropped") {
      this.#dropped.add(replica.name);
      return replica.holding ? this.#options.onHolding(replica) : this.tell(replica);
    }
    if (outcome !== "applied") {
      const reason = `${this.peer} sent changes that cannot be: ${outcome.broken}`;
      this.#options.onEvent({ kind: "replication.refused", dataSet: replica.name, reason });
      return carrier.stream.refuse(outcome.broken);
    }
    this.#link(replica).hasSent(frame);
    this.#options.onApplied(replica);
  }

  #receivedState(carrier: Carrier, frame: FrameOf<"state">, replica: Replica): void {
    if (frame.lineage !== null && replica.lineage !== null && frame.lineage !== replica.lineage) {
      const reason = `this node and ${this.peer} each started data set ${replica.name} from a database of their own: decide which one counts, move the other node's file away, and it takes a copy`;
      return replica.refuse(reason);
    }
    if (replica.isRewound(frame.vector)) {
      const reason = `${replica.path} has gone back in time (${this.peer} has newer changes that this node itself made): move the file away, and this node takes a fresh copy`;
      return replica.refuse(reason);
    }
    carrier.states.set(replica.name, frame);
    carrier.younger = frame.runningMs < performance.now() - this.#options.startedAtMs;
    this.#heard(carrier, replica);
    if (carrier === this.#carriers.at(-1)) this.#link(replica).received(frame);
    this.pump();
    this.#options.onMoved(replica);
  }

  /** Before anything is applied: what the peer has counts from the moment at which both replicas are open. */
  #heard(carrier: Carrier, replica: Replica): void {
    const word = carrier.states.get(replica.name);
    if (word === undefined || word.lineage === null || !replica.following) return;
    this.#returned.heard(replica, word.vector, carrier.younger);
    this.#options.onHeard(replica, word.vector);
  }
}
