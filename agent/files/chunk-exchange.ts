import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { SendRate } from "../replication/send-rate.ts";
import type { WantedChunk } from "./assembly.ts";
import { ChunkAsker } from "./chunk-asker.ts";

export interface ChunkExchangeOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly rate: SendRate;
  /** From this node's own tree; undefined where it is not there. */
  readonly read: (dataSet: string, want: WantedChunk) => Promise<Uint8Array<ArrayBuffer> | undefined>;
}

const redialAfterMs = 1_000;
/** Read for one peer at the same time; more of its wants are not looked at before one of those is answered. */
const servedAtOnceMax = 16;
const nothing = new Uint8Array(0);

interface Peer {
  readonly opening: Promise<ChunkAsker>;
  asker: ChunkAsker | undefined;
}

/** Pieces of files between the nodes: asks those that may have them, the least busy first, and answers others. */
export class ChunkExchange {
  readonly #options: ChunkExchangeOptions;
  readonly #peers = new Map<NodeId, Peer>();
  readonly #silentUntilMs = new Map<NodeId, number>();
  readonly #waiting: (() => void)[] = [];
  #askedBytes = 0;
  #isClosed = false;

  constructor(options: ChunkExchangeOptions) {
    this.#options = options;
  }

  /** Rejects with every node's reason where none has it now. What is under way at once is bounded. */
  async fetch(dataSet: string, want: WantedChunk): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#askedBytes > 0 && this.#askedBytes + want.bytes > limits.fileBytesAskedMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#askedBytes += want.bytes;
    try {
      return await this.#fetch(dataSet, want);
    } finally {
      this.#askedBytes -= want.bytes;
      for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** A stream on which another node asks. */
  serve(stream: PeerStream): void {
    let serving = 0;
    let draining: Promise<void> | undefined;
    const drained = (): Promise<void> => {
      draining ??= stream.drained().finally(() => {
        draining = undefined;
      });
      return draining;
    };
    let room: (() => void) | undefined;
    stream.handle({
      onFrame: (frame) => {
        if (frame.type !== "files-want") return stream.refuse(`a stream for files carries no ${frame.type} frames here`);
        serving += 1;
        void this.#answer(stream, frame, drained).finally(() => {
          serving -= 1;
          room?.();
        });
        if (serving >= servedAtOnceMax) {
          return new Promise<void>((resolve) => {
            room = resolve;
          });
        }
        return undefined;
      },
      onClosed: () => room?.(),
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const { asker } of this.#peers.values()) asker?.close("this node is stopping");
  }

  async #answer(stream: PeerStream, frame: FrameOf<"files-want">, drained: () => Promise<void>): Promise<void> {
    const { dataSet, want, path, start, bytes, sha256 } = frame;
    try {
      const data = await this.#options.read(dataSet, { path, start, bytes, sha256 });
      if (data !== undefined) await this.#options.rate.take(data.length);
      stream.send({ type: "files-chunk", want, here: data !== undefined, data: data ?? nothing });
      await drained();
    } catch (error) {
      stream.refuse(reasonOf(error));
    }
  }

  async #fetch(dataSet: string, want: WantedChunk): Promise<Uint8Array<ArrayBuffer>> {
    const reasons: string[] = [];
    for (const node of this.#candidates()) {
      if (this.#isClosed) throw new Error("this node is stopping");
      try {
        const asker = await this.#askerOf(node);
        const bytes = await asker.ask(dataSet, want);
        if (bytes !== undefined) return bytes;
        reasons.push(`${node.name} does not have it`);
      } catch (error) {
        reasons.push(`${node.name}: ${reasonOf(error)}`);
      }
    }
    throw new Error(`no node can give its content now (${reasons.join("; ") || "there is no other node"})`);
  }

  #candidates(): ClusterNode[] {
    const now = performance.now();
    const load = ({ nodeId }: ClusterNode): number =>
      (this.#peers.get(nodeId)?.asker?.askedBytes ?? 0) + ((this.#silentUntilMs.get(nodeId) ?? 0) > now ? limits.fileBytesAskedMax : 0);
    return this.#options
      .document()
      .nodes.filter(({ nodeId }) => nodeId !== this.#options.nodeId)
      .map((node) => ({ node, load: load(node) }))
      .toSorted((one, other) => one.load - other.load)
      .map(({ node }) => node);
  }

  async #askerOf(node: ClusterNode): Promise<ChunkAsker> {
    const { nodeId } = node;
    const known = this.#peers.get(nodeId);
    if (known !== undefined) return known.opening;
    if ((this.#silentUntilMs.get(nodeId) ?? 0) > performance.now()) throw new Error("it could not be reached a moment ago");
    const peer: Peer = { opening: this.#dial(node), asker: undefined };
    this.#peers.set(nodeId, peer);
    try {
      peer.asker = await peer.opening;
      return peer.asker;
    } catch (error) {
      this.#lost(nodeId);
      throw error;
    }
  }

  async #dial(node: ClusterNode): Promise<ChunkAsker> {
    const stream = await this.#options.network.dial(node, "files");
    return new ChunkAsker(stream, () => this.#lost(node.nodeId));
  }

  #lost(nodeId: NodeId): void {
    this.#peers.delete(nodeId);
    this.#silentUntilMs.set(nodeId, performance.now() + redialAfterMs);
  }
}
