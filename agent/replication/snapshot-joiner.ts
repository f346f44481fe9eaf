import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { successorsOf } from "../../shared/domain/replication/ring.ts";
import type { FrameOf, ReplicationFrame } from "../../shared/protocol/replication-frames.ts";
import type { PeerNetwork } from "./peer-network.ts";
import type { Replica } from "./replica.ts";
import { adopt } from "./replica-identity.ts";
import { requireSpace, swapIn } from "./snapshot-swap.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { isLocked } from "./sqlite-problem.ts";
import { digestTables } from "./table-digest.ts";

const decompress = promisify(zstdDecompress);
const donorSilentAfterMs = 30_000;
const swapRetryMs = 200;
const swapAttemptsMax = 300;

export interface JoinOptions {
  readonly nodeId: NodeId;
  readonly network: PeerNetwork;
  readonly document: ClusterDocument;
  readonly dataDir: string;
  readonly onEvent: (detail: EventDetail) => void;
  readonly onProgress: () => void;
}

/** What a round of asking has found. `nobody`: every node that comes before this one in the ring has answered that it has no data either. */
export type JoinResult = "joined" | "nobody" | { readonly waitingFor: string };

/** Asks the other nodes in ring order for a snapshot, and takes it from the first that gives one; if that one dies, from the next. */
export async function joinFromPeers(replica: Replica, options: JoinOptions): Promise<JoinResult> {
  const { document, nodeId } = options;
  const order = document.nodes.map((node) => node.nodeId);
  const before = new Set(order.slice(0, order.indexOf(nodeId)));
  const problems: string[] = [];
  for (const donorId of successorsOf(order, nodeId)) {
    const donor = document.nodes.find((node) => node.nodeId === donorId);
    if (donor === undefined) continue;
    try {
      const answer = await joinFrom(replica, donor, options);
      if (answer === "joined") return answer;
      if (answer.lineage !== null || (answer.hasDatabase && before.has(donorId)))
        problems.push(`${donor.name} has the data but is not ready to give them`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (before.has(donorId) || replica.progress !== undefined) problems.push(`${donor.name}: ${message}`);
    } finally {
      replica.progress = undefined;
      replica.received();
    }
  }
  return problems.length === 0 ? "nobody" : { waitingFor: problems.join("; ") };
}

async function joinFrom(
  replica: Replica,
  donor: ClusterDocument["nodes"][number],
  options: JoinOptions,
): Promise<"joined" | FrameOf<"state">> {
  const stream = await options.network.dial(donor, "snapshot");
  const incoming = new Incoming(replica, donor.nodeId, options);
  let silence: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<"received" | FrameOf<"state">>((resolve, reject) => {
      const listen = () => {
        clearTimeout(silence);
        silence = setTimeout(() => stream.close(`the donor was silent for ${donorSilentAfterMs / 1_000} s`), donorSilentAfterMs);
      };
      stream.handle({
        onFrame: async (frame) => {
          listen();
          if (frame.type === "state") return resolve(frame);
          try {
            if (await incoming.take(frame)) resolve("received");
          } catch (error) {
            reject(error);
          }
        },
        onClosed: (reason) => reject(new Error(reason)),
      });
      listen();
      stream.send({ type: "snapshot-request", dataSet: replica.name, schema: replica.fingerprint });
    });
    if (answer !== "received") return answer;
    stream.close("the snapshot is here");
    await incoming.install();
    return "joined";
  } finally {
    clearTimeout(silence);
    stream.close("done");
    await incoming.discard();
  }
}

/** One snapshot on its way into this node: received to a spool file, checked, and swapped in. */
class Incoming {
  readonly #replica: Replica;
  readonly #donor: NodeId;
  readonly #options: JoinOptions;
  readonly #spool: string;
  readonly #startedAtMs = performance.now();
  #offer: FrameOf<"snapshot-offer"> | undefined;
  #file: FileHandle | undefined;
  #bytesDone = 0;

  constructor(replica: Replica, donor: NodeId, options: JoinOptions) {
    this.#replica = replica;
    this.#donor = donor;
    this.#options = options;
    this.#spool = join(options.dataDir, `join-${replica.name}.sqlite`);
  }

  /** True when the snapshot is complete. Throws where a piece is not what it says it is. */
  async take(frame: ReplicationFrame): Promise<boolean> {
    switch (frame.type) {
      case "snapshot-offer":
        await this.#begin(frame);
        return false;
      case "snapshot-chunk":
        await this.#write(frame);
        return false;
      case "snapshot-end":
        if (this.#bytesDone !== this.#offer?.bytesTotal) throw new Error("the snapshot ended before all of it had come");
        return true;
      case "hello":
      case "state":
      case "changes":
      case "snapshot-request":
      case "refused":
        throw new Error(`a snapshot carries no ${frame.type} frames`);
    }
  }

  async install(): Promise<void> {
    const { path, identity, name } = this.#replica;
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
    const rows = await this.#verify();
    const snapshot = new SqliteDatabase(this.#spool);
    try {
      adopt(snapshot, identity);
    } finally {
      snapshot.close();
    }
    await this.#swapIn(path, identity.local);
    this.#options.onEvent({
      kind: "replication.snapshot-finished",
      dataSet: name,
      donor: this.#donor,
      rows,
      durationMs: Math.round(performance.now() - this.#startedAtMs),
    });
  }

  /** An application that keeps its database locked for long holds this up; the snapshot waits rather than being fetched again. */
  async #swapIn(path: string, local: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await swapIn(this.#spool, path, local);
        return;
      } catch (error) {
        if (!isLocked(error) || attempt === swapAttemptsMax) throw error;
        await new Promise((resolve) => setTimeout(resolve, swapRetryMs));
      }
    }
  }

  async discard(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await Promise.all(["", "-journal", "-wal", "-shm"].map((suffix) => rm(this.#spool + suffix, { force: true })));
  }

  async #begin(offer: FrameOf<"snapshot-offer">): Promise<void> {
    if (this.#offer !== undefined) throw new Error("a second snapshot was offered on one stream");
    await mkdir(this.#options.dataDir, { recursive: true });
    await requireSpace(offer.bytesTotal, this.#options.dataDir, this.#replica.path);
    this.#offer = offer;
    this.#file = await open(this.#spool, "w+", 0o600);
    this.#replica.receiving();
    this.#options.onEvent({
      kind: "replication.snapshot-started",
      dataSet: this.#replica.name,
      donor: this.#donor,
      bytesTotal: offer.bytesTotal,
    });
    this.#tellProgress();
  }

  async #write({ offset, bytes, sha256, data }: FrameOf<"snapshot-chunk">): Promise<void> {
    if (this.#file === undefined || this.#offer === undefined) throw new Error("a piece of a snapshot came before its offer");
    if (offset !== this.#bytesDone || bytes > limits.replicationSnapshotChunkBytes)
      throw new Error(`a piece of the snapshot does not fit at ${offset}`);
    const content = await decompress(data, { maxOutputLength: limits.replicationSnapshotChunkBytes });
    if (content.length !== bytes || createHash("sha256").update(content).digest("hex") !== sha256) {
      throw new Error(`the piece of the snapshot at ${offset} is damaged`);
    }
    await this.#file.write(content, 0, content.length, offset);
    this.#bytesDone += content.length;
    this.#tellProgress();
  }

  #tellProgress(): void {
    const bytesTotal = this.#offer?.bytesTotal ?? 0;
    const bytesPerSecond = (this.#bytesDone / Math.max(1, performance.now() - this.#startedAtMs)) * 1_000;
    this.#replica.progress = {
      donor: this.#donor,
      bytesDone: this.#bytesDone,
      bytesTotal,
      bytesPerSecond,
      etaSeconds: bytesPerSecond === 0 ? 0 : (bytesTotal - this.#bytesDone) / bytesPerSecond,
    };
    this.#options.onProgress();
  }

  /** Rows of all tables, once structure and contents have proved to be the donor's. */
  async #verify(): Promise<number> {
    const snapshot = new SqliteDatabase(this.#spool);
    try {
      const check = Object.values(snapshot.get("PRAGMA quick_check(1)") ?? {})[0];
      if (check !== "ok") throw new Error(`the snapshot is damaged: ${String(check)}`);
      const tables = await digestTables(snapshot, this.#replica.identity.local);
      const expected = this.#offer?.tables ?? {};
      for (const name of new Set([...Object.keys(expected), ...Object.keys(tables)])) {
        if (tables[name]?.sha256 !== expected[name]?.sha256 || tables[name]?.rows !== expected[name]?.rows) {
          throw new Error(`table ${name} of the snapshot is not the donor's`);
        }
      }
      return Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
    } finally {
      snapshot.close();
    }
  }
}
