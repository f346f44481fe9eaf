import { failoverSettings } from "../../shared/config/timing.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { SyncPartner } from "../../shared/domain/replication/replication-status.ts";
import { nextRingStep, successorsOf } from "../../shared/domain/replication/ring.ts";
import { CatchUp } from "./catch-up.ts";
import type { PeerNetwork } from "./peer-network.ts";
import { type OpenedBy, PeerSession } from "./peer-session.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";

export interface RingOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly replicas: () => readonly Replica[];
  readonly dataDir: string;
  readonly onEvent: (detail: EventDetail) => void;
  /** For the log. */
  readonly onWarning: (message: string) => void;
  readonly onStatusChanged: () => void;
}

const tickMs = 100;
const signOfLifeMs = 1_000;
const acknowledgeAfterMs = 5;
const redialMs = { first: 200, max: 2_000 } as const;

interface Attempt {
  failures: number;
  notBeforeMs: number;
  reason: string;
}

/** Keeps this node in touch with its live ring successor, and answers those whose successor it is. */
export class RingSync {
  readonly #options: RingOptions;
  readonly #sessions = new Map<NodeId, PeerSession>();
  readonly #attempts = new Map<NodeId, Attempt>();
  readonly #dialing = new Set<NodeId>();
  readonly #untold = new Set<Replica>();
  readonly #timers: NodeJS.Timeout[];
  /** Replicas that could not apply when last looked at. */
  readonly #holding = new Set<Replica>();
  readonly #catchUp: CatchUp;
  readonly #startedAtMs = performance.now();
  /** Since when the present members might all have been here. */
  #membersSinceMs = this.#startedAtMs;
  #reachable: ReadonlySet<NodeId> | undefined;
  #partner: NodeId | undefined;
  /** The partner of whom an event last told; null while "nobody" was told. */
  #told: NodeId | null | undefined;
  #telling: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RingOptions) {
    this.#options = options;
    this.#catchUp = new CatchUp(options.onEvent);
    this.#timers = [
      setInterval(() => this.#tick(), tickMs),
      setInterval(() => {
        for (const session of this.#sessions.values()) for (const replica of options.replicas()) session.signOfLife(replica);
        for (const replica of options.replicas()) this.#settle(replica);
      }, signOfLifeMs),
    ];
    this.#tick();
  }

  get partner(): SyncPartner | undefined {
    if (this.#partner === undefined || this.#sessions.get(this.#partner)?.isOpen !== true) return undefined;
    return { nodeId: this.#partner, expected: this.#partner === this.#expected() };
  }

  accept(peer: NodeId, stream: PeerStream): void {
    this.#attempts.delete(peer);
    this.#add(peer, stream, "peer");
  }

  reachableChanged(reachable: readonly NodeId[]): void {
    this.#reachable = new Set(reachable);
    for (const session of this.#sessions.values()) {
      if (!this.#reachable.has(session.peer)) session.close("its heartbeats are missing", true);
    }
    for (const node of reachable) this.#attempts.delete(node);
    this.#tick();
  }

  documentChanged(): void {
    const members = new Set(this.#options.document().nodes.map((node) => node.nodeId));
    for (const [peer, session] of this.#sessions) {
      if (members.has(peer)) continue;
      session.close("it is no longer in the cluster document", false);
      this.#sessions.delete(peer);
    }
    // Whoever is left, or has just been enrolled, has its own time to appear.
    if (typeof this.#told === "string" && !members.has(this.#told)) this.#told = undefined;
    if (this.#told === undefined) this.#membersSinceMs = performance.now();
    this.#tick();
  }

  /** Sends what peers lack; called when the log has grown. */
  pump(): void {
    for (const session of this.#sessions.values()) session.pump();
  }

  /** Tells every peer soon what this node has now. */
  tellSoon(replica: Replica): void {
    this.#untold.add(replica);
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      for (const one of this.#untold) this.#tellAll(one);
      this.#untold.clear();
    }, acknowledgeAfterMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#telling);
    for (const timer of this.#timers) clearInterval(timer);
    for (const session of this.#sessions.values()) session.close("this node is stopping", false);
  }

  #tellAll(replica: Replica): void {
    for (const session of this.#sessions.values()) session.tell(replica);
  }

  #expected(): NodeId | undefined {
    return successorsOf(this.#order(), this.#options.nodeId)[0];
  }

  #order(): NodeId[] {
    return this.#options.document().nodes.map((node) => node.nodeId);
  }

  #isLive(node: NodeId): boolean {
    if (this.#reachable !== undefined && !this.#reachable.has(node)) return false;
    if (this.#sessions.get(node)?.isOpen === true) return true;
    return performance.now() >= (this.#attempts.get(node)?.notBeforeMs ?? 0);
  }

  /** A stream whose path is silent is replaced by one on a path that is not, before it is missed: nobody is bypassed for that. */
  #isInTouch(node: NodeId): boolean {
    const session = this.#sessions.get(node);
    return session?.isOpen === true && !this.#options.network.isSilentPath(node, session.dialledPath);
  }

  #tick(): void {
    if (this.#closed) return;
    for (const session of this.#sessions.values()) session.tick();
    for (const replica of this.#options.replicas()) this.#lookAtHolding(replica);
    const expected = this.#expected();
    const step = nextRingStep({
      order: this.#order(),
      self: this.#options.nodeId,
      partner: this.#partner,
      isLive: (node) => this.#isLive(node),
      isLevel: (node) => this.#sessions.get(node)?.isLevel === true,
    });
    if (step.kind !== "keep") this.#partner = step.kind === "no-peer" ? undefined : step.partner;
    this.#report(expected);
    for (const target of new Set([this.#partner, expected])) {
      if (target !== undefined && this.#isLive(target) && !this.#isInTouch(target)) this.#dial(target);
    }
    if (this.#partner === undefined && expected !== undefined && step.kind === "no-peer") this.#options.onStatusChanged();
  }

  /** Events tell what has become true, not what is being tried. */
  #report(expected: NodeId | undefined): void {
    if (expected === undefined) return;
    const events = (make: (dataSet: string) => EventDetail) => {
      for (const { name } of this.#options.replicas()) this.#options.onEvent(make(name));
      this.#options.onStatusChanged();
    };
    const partner = this.partner?.nodeId;
    if (partner === undefined) {
      if (this.#partner !== undefined && this.#isLive(this.#partner)) return;
      // Who has not been seen yet may still be starting, as a whole site does after a power cut, or have no agent yet.
      const lonely = this.#told !== undefined || performance.now() - this.#membersSinceMs > failoverSettings.startPatienceMs;
      if (this.#told === null || !lonely) return;
      this.#told = null;
      return events((dataSet) => ({ kind: "replication.no-peer", dataSet, reason: this.#reasonFor(expected) }));
    }
    if (partner === this.#told) return;
    const before = this.#told;
    this.#told = partner;
    if (partner === expected) {
      if (before !== undefined) events((dataSet) => ({ kind: "replication.failback", dataSet, peer: partner }));
      else this.#options.onStatusChanged();
      return;
    }
    events((dataSet) => ({ kind: "replication.bypass", dataSet, expected, using: partner, reason: this.#reasonFor(expected) }));
  }

  #reasonFor(node: NodeId): string {
    if (this.#reachable !== undefined && !this.#reachable.has(node)) return "its heartbeats are missing";
    return this.#attempts.get(node)?.reason ?? "it does not answer";
  }

  #dial(peer: NodeId): void {
    const node = this.#options.document().nodes.find((one) => one.nodeId === peer);
    const attempt = this.#attempts.get(peer);
    if (node === undefined || this.#dialing.has(peer) || performance.now() < (attempt?.notBeforeMs ?? 0)) return;
    this.#dialing.add(peer);
    void this.#open(node);
  }

  async #open(node: ClusterNode): Promise<void> {
    const peer = node.nodeId;
    try {
      const stream = await this.#options.network.dial(node, "ring");
      if (this.#closed) return stream.close("this node is stopping");
      this.#attempts.delete(peer);
      this.#add(peer, stream, "self");
    } catch (error) {
      this.#failed(peer, error instanceof Error ? error.message : String(error));
    } finally {
      this.#dialing.delete(peer);
    }
    this.#tick();
  }

  #failed(peer: NodeId, reason: string): void {
    const failures = (this.#attempts.get(peer)?.failures ?? 0) + 1;
    const waitMs = Math.min(redialMs.first * 2 ** (failures - 1), redialMs.max);
    this.#attempts.set(peer, { failures, notBeforeMs: performance.now() + waitMs, reason });
  }

  #add(peer: NodeId, stream: PeerStream, openedBy: OpenedBy): void {
    let session = this.#sessions.get(peer);
    if (session === undefined) {
      session = new PeerSession({
        peer,
        startedAtMs: this.#startedAtMs,
        replicas: this.#options.replicas,
        dataDir: this.#options.dataDir,
        onEvent: this.#options.onEvent,
        onWarning: this.#options.onWarning,
        onHeard: (replica, theirs) => this.#catchUp.heard(peer, replica, theirs),
        onMoved: (replica) => this.#moved(replica),
        onApplied: (replica) => {
          this.tellSoon(replica);
          this.#moved(replica);
        },
        onHolding: (replica) => this.#lookAtHolding(replica),
        onClosed: (reason) => {
          if (this.#closed) return;
          this.#failed(peer, reason);
          this.#tick();
        },
      });
      this.#sessions.set(peer, session);
    }
    if (!session.isOpen) {
      const first = ![...this.#sessions.values()].some((one) => one.isOpen);
      this.#catchUp.met(
        peer,
        this.#options.replicas().map(({ name }) => name),
        first,
      );
    }
    session.add(stream, openedBy);
    this.#tick();
  }

  /** A replica, or what is known of a peer's, has got further. */
  #moved(replica: Replica): void {
    this.pump();
    this.#settle(replica);
    this.#options.onStatusChanged();
  }

  #settle(replica: Replica): void {
    this.#catchUp.settle(replica);
    for (const session of this.#sessions.values()) session.settle(replica);
  }

  /** Every peer learns at once that a replica cannot apply, and that it can again. */
  #lookAtHolding(replica: Replica): void {
    if (replica.holding === this.#holding.has(replica)) return;
    if (replica.holding) this.#holding.add(replica);
    else this.#holding.delete(replica);
    this.#tellAll(replica);
  }
}
