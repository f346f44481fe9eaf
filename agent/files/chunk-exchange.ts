import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerNetwork } from "../replication/peer-network.ts";
import type { PeerStream } from "../replication/peer-stream.ts";
import type { SendRate } from "../replication/send-rate.ts";
import { ChunkAsker } from "./chunk-asker.ts";
import { bytesOf, eachPiece, type Pieces, type WantedChunk } from "./pieces.ts";

export interface ChunkExchangeOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: () => ClusterDocument;
  readonly rate: SendRate;
  /** From this node's own tree; undefined where it has no such tree. */
  readonly read: (dataSet: string, wants: readonly WantedChunk[]) => Promise<Pieces | undefined>;
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

  /** Says with every node's reason why some of them are nowhere now. Rejects where this node stops. What is under way at once is bounded. */
  async fetch(dataSet: string, wants: readonly WantedChunk[]): Promise<Pieces> {
    const bytes = bytesOf(wants);
    while (this.#askedBytes > 0 && this.#askedBytes + bytes > limits.fileBytesAskedMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#askedBytes += bytes;
    try {
      return await this.#fetch(dataSet, wants);
    } finally {
      this.#askedBytes -= bytes;
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
    const { dataSet, want } = frame;
    try {
      const wants = frame.pieces.map(([path, start, bytes, sha256]) => ({ path, start, bytes, sha256 }));
      const { here, data } = (await this.#options.read(dataSet, wants)) ?? { here: wants.map(() => false), data: nothing };
      await this.#options.rate.take(data.length);
      stream.send({ type: "files-chunk", want, here: [...here], data });
      await drained();
    } catch (error) {
      stream.refuse(reasonOf(error));
    }
  }

  /** What one node does not have is asked of the next. */
  async #fetch(dataSet: string, wants: readonly WantedChunk[]): Promise<Pieces> {
    const reasons: string[] = [];
    const found = new Map<WantedChunk, Uint8Array>();
    let missing = wants;
    for (const node of this.#candidates()) {
      if (this.#isClosed) throw new Error("this node is stopping");
      try {
        const asker = await this.#askerOf(node);
        const pieces = await asker.ask(dataSet, missing);
        // As a rule the first one has all.
        if (missing === wants && !pieces.here.includes(false)) return pieces;
        for (const [want, bytes] of eachPiece(missing, pieces)) if (bytes !== undefined) found.set(want, bytes);
        missing = wants.filter((want) => !found.has(want));
        if (missing.length === 0) break;
        reasons.push(`${node.name} does not have it`);
      } catch (error) {
        reasons.push(`${node.name}: ${reasonOf(error)}`);
      }
    }
    const problem = `no node can give its content now (${reasons.join("; ") || "there is no other node"})`;
    return { here: wants.map((want) => found.has(want)), data: joined(wants.flatMap((want) => found.get(want) ?? [])), problem };
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

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
