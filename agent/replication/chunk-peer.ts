import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { ChunkSet } from "../../shared/domain/replication/chunk-set.ts";
import type { FrameOf, ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import { chunksOf } from "./chunk-source.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { PeerStream } from "./peer-stream.ts";

const decompress = promisify(zstdDecompress);
/** A chunk comes out at once, and never more than one. */
const unpacking = { maxOutputLength: limits.replicationSnapshotChunkBytes, chunkSize: limits.replicationSnapshotChunkBytes };
const silentAfterMs = 30_000;

export type Answer = FrameOf<"state"> | FrameOf<"snapshot-offer">;
interface About {
  readonly dataSet: string;
  readonly schema: string;
}

export interface ArrivedChunk {
  readonly chunk: number;
  /** Undefined where it is the one that was known. */
  readonly bytes: Uint8Array | undefined;
  readonly sha256: string;
}

export interface ChunkPeerHandlers {
  readonly onChunk: (chunk: ArrivedChunk) => Promise<void>;
  /** A chunk has been dealt with: there is room to ask for another. */
  readonly onRoom: () => void;
  /** Once, where the stream is gone; the reason is for people. */
  readonly onClosed: (reason: string) => void;
}

/** A joiner's stream to one other node: asks what it has of a snapshot, and for chunks of it. */
export class ChunkPeer {
  readonly node: ClusterNode;
  /** What it has of the snapshot that is being received. */
  have: ChunkSet | undefined;
  /** Asked for and not here yet, since when. */
  readonly asked = new Map<number, number>();
  readonly #stream: PeerStream;
  readonly #about: About;
  readonly #handlers: ChunkPeerHandlers;
  readonly #answers: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  #silence: NodeJS.Timeout | undefined;
  #closed: string | undefined;

  private constructor(node: ClusterNode, stream: PeerStream, about: About, handlers: ChunkPeerHandlers) {
    this.node = node;
    this.#stream = stream;
    this.#about = about;
    this.#handlers = handlers;
    stream.handle({ onFrame: (frame) => this.#take(frame), onClosed: (reason) => this.#lost(reason) });
  }

  /** Rejects where the node cannot be reached. */
  static async dial(network: PeerNetwork, node: ClusterNode, about: About, handlers: ChunkPeerHandlers): Promise<ChunkPeer> {
    return new ChunkPeer(node, await network.dial(node, "snapshot"), about, handlers);
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }
  get isIdle(): boolean {
    return this.#answers.length === 0;
  }

  /** Rejects where the stream ends first. */
  ask(snapshot: string | null, make: boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(new Error(this.#closed));
      this.#answers.push({ resolve, reject });
      this.#listen();
      this.#stream.send({ type: "snapshot-request", ...this.#about, snapshot, make });
    });
  }

  /** `known`: the SHA-256 of what is there already. */
  want(snapshot: string, chunk: number, known: string | null): void {
    this.asked.set(chunk, performance.now());
    this.#listen();
    this.#stream.send({ type: "snapshot-want", ...this.#about, snapshot, chunk, known });
  }

  /** Takes what an offer says of the snapshot that is being received. */
  offers(offer: FrameOf<"snapshot-offer">): void {
    this.have = ChunkSet.from(chunksOf(offer.bytesTotal), offer.have);
  }

  close(reason: string): void {
    this.#stream.close(reason);
  }

  #listen(): void {
    clearTimeout(this.#silence);
    if (this.#answers.length === 0 && this.asked.size === 0) return;
    this.#silence = setTimeout(() => this.close(`${this.node.name} was silent for ${silentAfterMs / 1_000} s`), silentAfterMs);
  }

  /** Not awaited by the stream: what may be under way at once is bounded by what is asked for. */
  #take(frame: ReplicationFrame): void {
    if (frame.type === "state" || frame.type === "snapshot-offer") this.#answers.shift()?.resolve(frame);
    else if (frame.type === "snapshot-chunk") void this.#unpack(frame);
    else this.#stream.refuse(`a donor sends no ${frame.type} frames`);
    this.#listen();
  }

  async #unpack({ chunk, bytes, sha256, encoding, data }: FrameOf<"snapshot-chunk">): Promise<void> {
    if (!this.asked.has(chunk)) return this.#stream.refuse(`chunk ${chunk} was not asked for`);
    try {
      const content = encoding === "zstd" ? await decompress(data, unpacking) : encoding === "none" ? data : undefined;
      if (content !== undefined && content.length !== bytes) throw new Error(`chunk ${chunk} of the snapshot is damaged`);
      await this.#handlers.onChunk({ chunk, bytes: content, sha256 });
    } catch (error) {
      this.#stream.refuse(error instanceof Error ? error.message : String(error));
    } finally {
      this.#stream.release(data);
      this.asked.delete(chunk);
      this.#handlers.onRoom();
    }
  }

  #lost(reason: string): void {
    clearTimeout(this.#silence);
    this.#closed = reason;
    this.asked.clear();
    for (const { reject } of this.#answers.splice(0)) reject(new Error(reason));
    this.#handlers.onClosed(reason);
  }
}
