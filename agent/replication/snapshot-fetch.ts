import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { firstChunk, nextChunk } from "../../shared/domain/replication/chunk-choice.ts";
import type { ArrivingSnapshot } from "./arriving-snapshot.ts";
import type { ArrivedChunk, ChunkPeer, ChunkPeerHandlers } from "./chunk-peer.ts";

const askAgainEveryMs = 250;
const redialEveryMs = 1_000;
/** A chunk that has not come by then is asked of another source too. */
const lateAfterMs = 3_000;
/** With nobody left who has what is missing, for so long, another snapshot is better than waiting. */
const stuckAfterMs = 2_500;

export interface FetchOptions {
  readonly arriving: ArrivingSnapshot;
  readonly nodes: readonly ClusterNode[];
  /** This node's place in the ring, and how many places there are. */
  readonly place: number;
  readonly places: number;
  readonly dial: (node: ClusterNode, handlers: ChunkPeerHandlers) => Promise<ChunkPeer>;
  readonly onProgress: () => void;
}

/** Brings all chunks of one snapshot here, from whoever has them: its donor, and other nodes that are receiving it too. */
export class SnapshotFetch {
  readonly #options: FetchOptions;
  readonly #peers = new Map<NodeId, ChunkPeer>();
  readonly #dialing = new Set<NodeId>();
  readonly #redialAtMs = new Map<NodeId, number>();
  readonly #reasons = new Map<NodeId, string>();
  #tick: NodeJS.Timeout | undefined;
  #movedAtMs = performance.now();
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #over = false;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  /** Resolves when all of it is here and checked. Rejects where nobody has what is missing, or where it cannot be written; what has come is kept. */
  async run(): Promise<void> {
    if (this.#options.arriving.have.isWhole) return;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#tick = setInterval(() => this.#look(), askAgainEveryMs);
        this.#look();
        this.#pump();
      });
    } finally {
      this.#over = true;
      clearInterval(this.#tick);
      for (const peer of this.#peers.values()) peer.close("the snapshot is here");
    }
  }

  /** Who gives: a node that has all of it, where one is known. */
  get donor(): NodeId | undefined {
    const peers = [...this.#peers.values()];
    return (peers.find(({ have }) => have?.isWhole) ?? peers.find(({ have }) => have !== undefined))?.node.nodeId;
  }

  get sources(): number {
    return [...this.#peers.values()].filter(({ have }) => (have?.count ?? 0) > 0).length;
  }

  #look(): void {
    for (const node of this.#options.nodes) {
      const peer = this.#peers.get(node.nodeId);
      if (peer === undefined) void this.#dial(node);
      else if (peer.isIdle && peer.have?.isWhole !== true) void this.#ask(peer);
    }
    this.#pump();
    const waits = [...this.#peers.values()].some(({ asked }) => asked.size > 0);
    if (waits || performance.now() - this.#movedAtMs < stuckAfterMs) return;
    const reasons = [...this.#reasons.values()].join("; ");
    this.#settle?.reject(new Error(`no node that answers has the rest of the snapshot${reasons === "" ? "" : ` (${reasons})`}`));
  }

  async #dial(node: ClusterNode): Promise<void> {
    const { nodeId, name } = node;
    if (this.#dialing.has(nodeId) || performance.now() < (this.#redialAtMs.get(nodeId) ?? 0)) return;
    this.#dialing.add(nodeId);
    this.#redialAtMs.set(nodeId, performance.now() + redialEveryMs);
    try {
      const peer = await this.#options.dial(node, {
        onChunk: (chunk) => this.#arrived(chunk),
        onRoom: () => this.#pump(),
        onClosed: (reason) => {
          this.#peers.delete(nodeId);
          this.#reasons.set(nodeId, `${name}: ${reason}`);
          this.#pump();
        },
      });
      if (this.#over) return peer.close("the snapshot is here");
      this.#peers.set(nodeId, peer);
      await this.#ask(peer);
    } catch (error) {
      this.#reasons.set(nodeId, `${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#dialing.delete(nodeId);
    }
  }

  async #ask(peer: ChunkPeer): Promise<void> {
    const { snapshot } = this.#options.arriving;
    try {
      const answer = await peer.ask(snapshot, false);
      if (answer.type !== "snapshot-offer" || answer.snapshot !== snapshot) return;
      peer.offers(answer);
      this.#reasons.delete(peer.node.nodeId);
      this.#pump();
    } catch {
      // Its stream has ended, which its handler has been told.
    }
  }

  async #arrived({ chunk, bytes, sha256 }: ArrivedChunk): Promise<void> {
    try {
      const { arriving } = this.#options;
      await (bytes === undefined ? arriving.keep(chunk, sha256) : arriving.write(chunk, bytes, sha256));
    } catch (error) {
      // The disk's errors have a code, and are no fault of the peer's.
      if (error instanceof Error && "code" in error) return this.#settle?.reject(error);
      throw error;
    }
    this.#movedAtMs = performance.now();
    this.#options.onProgress();
    if (this.#options.arriving.have.isWhole) this.#settle?.resolve();
  }

  #pump(): void {
    const { arriving, place, places } = this.#options;
    if (this.#over || arriving.have.isWhole) return;
    const peers = [...this.#peers.values()];
    const partial = peers.flatMap(({ have }) => (have !== undefined && !have.isWhole ? [have] : []));
    const now = performance.now();
    for (const peer of peers) {
      while (peer.have !== undefined && peer.asked.size < limits.replicationChunksAskedMax) {
        const source = peer.have;
        const chunk = nextChunk({
          done: arriving.have,
          source,
          joiners: partial.filter((have) => have !== source),
          from: firstChunk(arriving.have.size, place, places),
          isAsked: (index) => peers.some(({ asked }) => asked.has(index)),
          isLate: (index) => !peer.asked.has(index) && peers.every(({ asked }) => now - (asked.get(index) ?? 0) > lateAfterMs),
        });
        if (chunk === undefined) break;
        peer.want(arriving.snapshot, chunk, arriving.known(chunk));
      }
    }
  }
}
