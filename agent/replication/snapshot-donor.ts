import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { ChunkPacking } from "./chunk-packing.ts";
import type { ChunkSource } from "./chunk-source.ts";
import { hasTables } from "./database-file.ts";
import type { PeerStream } from "./peer-stream.ts";
import type { Replica } from "./replica.ts";
import type { SendRate } from "./send-rate.ts";
import type { SnapshotShelf } from "./snapshot-shelf.ts";
import { problemOf } from "./sqlite-problem.ts";

/** Read, hashed and compressed at the same time for one joiner. */
const atOnceMax = 3;
const makingPatienceMs = 1_000;
/** The first one that asks has often come before the pulses have gone to and fro. */
const clockPatienceMs = 1_000;
const clockLookEveryMs = 20;
const nothing = { data: new Uint8Array(0), encoding: "known" } as const;

export interface DonorParts {
  readonly replica: (dataSet: string) => Replica | undefined;
  readonly shelf: SnapshotShelf;
  /** What this node is receiving itself. */
  readonly arriving: (dataSet: string) => ChunkSource | undefined;
  readonly rate: SendRate;
}

/** Gives one joining node chunks of snapshots: of those that this node has made, and of one that it is receiving itself. The replica goes on following. */
export class SnapshotDonor {
  readonly #parts: DonorParts;
  readonly #joiner: NodeId;
  readonly #stream: PeerStream;
  readonly #wanted: FrameOf<"snapshot-want">[] = [];
  #working = 0;
  readonly #packing = new ChunkPacking();

  constructor(parts: DonorParts, joiner: NodeId, stream: PeerStream) {
    this.#parts = parts;
    this.#joiner = joiner;
    this.#stream = stream;
  }

  serve(): void {
    this.#stream.handle({
      onFrame: (frame) => {
        if (frame.type === "snapshot-request") return void this.#answer(frame);
        if (frame.type !== "snapshot-want") return this.#stream.refuse(`a joiner sends no ${frame.type} frames`);
        if (this.#wanted.length >= limits.replicationChunksAskedMax) return this.#stream.refuse("more chunks were asked for than may be");
        this.#wanted.push(frame);
        this.#work();
      },
      onClosed: () => {
        this.#wanted.length = 0;
      },
    });
  }

  async #answer({ dataSet, snapshot, make }: FrameOf<"snapshot-request">): Promise<void> {
    const replica = this.#parts.replica(dataSet);
    if (replica === undefined) return this.#stream.refuse(`data set ${dataSet} is not configured on this node`);
    try {
      await this.#clockKnown(replica);
      const source = await this.#sourceFor(replica, snapshot, make);
      if (source === undefined) return this.#tellState(replica);
      this.#stream.send({
        type: "snapshot-offer",
        dataSet,
        schema: replica.fingerprint,
        snapshot: source.snapshot,
        lineage: source.lineage,
        bytesTotal: source.bytesTotal,
        have: source.have.bytes(),
      });
    } catch (error) {
      this.#stream.refuse(problemOf(error, replica.path).message);
    }
  }

  /** Waits for it for a moment: without it nothing can be given, and the joiner asks again only some time later. */
  async #clockKnown(replica: Replica): Promise<void> {
    const untilMs = performance.now() + clockPatienceMs;
    while (replica.following && replica.times.clock === null && performance.now() < untilMs) await sleep(clockLookEveryMs);
  }

  async #sourceFor(replica: Replica, wanted: string | null, make: boolean): Promise<ChunkSource | undefined> {
    const arriving = this.#parts.arriving(replica.name);
    if (wanted !== null) return arriving?.snapshot === wanted ? arriving : this.#parts.shelf.find(replica, wanted);
    if (arriving !== undefined) return arriving;
    if (!canGive(replica)) return undefined;
    // One that takes longer is not waited for, so that the joiner hears that this node lives: it asks again.
    const { shelf } = this.#parts;
    return make
      ? Promise.race([shelf.make(replica, this.#joiner), sleep(makingPatienceMs, undefined)])
      : shelf.recent(replica, this.#joiner);
  }

  /** No refusal: the joiner has to tell "nothing here" from "not now" to know whether its own database is the first. */
  #tellState(replica: Replica): void {
    const { lineage, vector } = replica.view;
    this.#stream.send({
      type: "state",
      dataSet: replica.name,
      schema: replica.fingerprint,
      lineage,
      // What cannot be read is no database to start a cluster from.
      hasDatabase: hasTables(replica.path),
      vector: { ...vector },
      known: {},
      resend: false,
      runningMs: 0,
      holding: !canGive(replica),
    });
  }

  #work(): void {
    while (this.#working < atOnceMax) {
      const want = this.#wanted.shift();
      if (want === undefined) return;
      this.#working += 1;
      this.#give(want)
        .catch((error: unknown) => this.#stream.refuse(problemOf(error, this.#parts.replica(want.dataSet)?.path ?? want.dataSet).message))
        .finally(() => {
          this.#working -= 1;
          this.#work();
        });
    }
  }

  async #give({ dataSet, snapshot, chunk, known }: FrameOf<"snapshot-want">): Promise<void> {
    const { replica: replicaOf, rate } = this.#parts;
    const replica = replicaOf(dataSet);
    const source = replica === undefined ? undefined : await this.#sourceFor(replica, snapshot, false);
    if (replica === undefined || source === undefined || !source.have.has(chunk)) {
      return this.#stream.refuse(`this node has no chunk ${chunk} of snapshot ${snapshot} any more`);
    }
    const { bytes, sha256 } = await source.read(chunk);
    try {
      const { data, encoding } = sha256 === known ? nothing : await this.#packing.pack(bytes);
      await rate.take(data.length);
      const about = { dataSet, schema: replica.fingerprint, snapshot, chunk, bytes: bytes.length, sha256, encoding };
      const sinceMs = performance.now();
      await this.#stream.sendOut({ type: "snapshot-chunk", ...about, data });
      if (data.length > 0) this.#packing.hasSent(data.length, sinceMs);
    } finally {
      source.release(bytes);
    }
  }
}

/** The replica is open, and what stands in it is the data set's, with times of a clock that nobody doubts: a copy's own would be dated otherwise than these. */
function canGive(replica: Replica): boolean {
  return replica.following && replica.view.lineage !== null && replica.times.canBeCopied && replica.isTellable;
}
