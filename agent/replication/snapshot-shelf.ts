import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../shared/config/limits.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import { covers } from "../../shared/domain/replication/version-vector.ts";
import { copyConsistently, removeDatabase } from "./consistent-copy.ts";
import { CopiedDatabase } from "./copied-database.ts";
import { requireSpace } from "./free-space.ts";
import { FrozenDatabase } from "./frozen-database.ts";
import { KeptSnapshot } from "./kept-snapshot.ts";
import { RawFiles } from "./raw-files.ts";
import type { Replica } from "./replica.ts";
import { databaseBytes, logBytes, logReachesBack } from "./snapshot-file.ts";
import { onSnapshotThread } from "./snapshot-work.ts";

/** Brought into the file while the replication thread waits. */
const logBytesAtOnceMax = 8 * 1_024 * 1_024;
const tidyEveryMs = 2_000;
/** A snapshot of which something was read so lately is being received by somebody. */
const inUseMs = 60_000;

/**
 * The snapshots that this node gives to joiners. Each is kept for a while after its last use, so that a joiner that was interrupted goes on with
 * it, and several that join at once get the same one; a data set has a bounded number of them.
 */
export class SnapshotShelf {
  readonly #dataDir: string;
  readonly #kept = new Map<string, KeptSnapshot[]>();
  readonly #making = new Map<string, Promise<KeptSnapshot>>();
  readonly #files = new RawFiles();
  readonly #tidying: NodeJS.Timeout;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#tidying = setInterval(() => void this.#tidy(), tidyEveryMs);
    this.#tidying.unref();
  }

  find(replica: Replica, snapshot: string): KeptSnapshot | undefined {
    return this.#of(replica).find((kept) => kept.snapshot === snapshot);
  }

  /** One that is young enough for another joiner; undefined where there is none. */
  recent(replica: Replica, joiner: NodeId): KeptSnapshot | undefined {
    const young = this.#of(replica).findLast(({ madeAtMs }) => performance.now() - madeAtMs < limits.replicationSnapshotSharedMs);
    return young !== undefined && canBeLevelled(replica, joiner, young) ? young : undefined;
  }

  /** Whoever asks at the same time gets the same one. Rejects with cause and next step where none can be made. */
  async make(replica: Replica, joiner: NodeId): Promise<KeptSnapshot> {
    const recent = this.recent(replica, joiner);
    if (recent !== undefined) return recent;
    const making = this.#making.get(replica.name) ?? this.#make(replica, joiner);
    this.#making.set(replica.name, making);
    try {
      return await making;
    } finally {
      this.#making.delete(replica.name);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#tidying);
    // The files that were read past SQLite stay open until the thread ends: others in this process may still hold locks on them.
    const all = [...this.#kept.values()].flat();
    this.#kept.clear();
    await Promise.all(all.map((kept) => kept.end()));
  }

  async #make(replica: Replica, joiner: NodeId): Promise<KeptSnapshot> {
    const { name } = replica;
    const { lineage } = replica.view;
    if (lineage === null) throw new Error(`data set ${name} has no data here`);
    const kept = this.#kept.get(name) ?? [];
    if (kept.length >= limits.replicationSnapshotsKeptMax) {
      const [oldest] = kept.filter((one) => one.unusedMs > inUseMs);
      const newest = this.#of(replica).at(-1);
      if (oldest === undefined && newest !== undefined && canBeLevelled(replica, joiner, newest)) return newest;
      if (oldest === undefined) throw new Error(`other nodes are still receiving earlier snapshots of data set ${name}`);
      this.#kept.set(
        name,
        kept.filter((one) => one !== oldest),
      );
      await oldest.end();
    }
    const made = new KeptSnapshot(...(await this.#content(replica, lineage)));
    this.#kept.set(name, [...(this.#kept.get(name) ?? []), made]);
    return made;
  }

  /** The application's file itself, where that can be held still without anybody's waiting for it; otherwise a copy. */
  async #content({ name, path, identity, view }: Replica, lineage: string): Promise<ConstructorParameters<typeof KeptSnapshot>> {
    const { local } = identity;
    const about = { snapshot: randomUUID(), lineage, local: JSON.stringify(local), vector: view.vector };
    const frozen = local.length > 0 ? undefined : await this.#frozen(path);
    if (frozen !== undefined) return [frozen, { ...about, keptMs: limits.replicationSnapshotFrozenMs }];
    await mkdir(this.#dataDir, { recursive: true });
    const copy = join(this.#dataDir, `donate-${name}-${about.snapshot}.sqlite`);
    try {
      await requireSpace(databaseBytes(path) * (local.length > 0 ? 2.1 : 1.05), this.#dataDir, "a snapshot for another node");
      await copyConsistently(path, copy);
      await onSnapshotThread({ kind: "prepare", path: copy, local });
      return [await CopiedDatabase.open(copy), { ...about, keptMs: limits.replicationSnapshotKeptMs }];
    } catch (error) {
      await removeDatabase(copy);
      throw error;
    }
  }

  /** A long log is brought in on another thread first: then little is left to do here. */
  async #frozen(path: string): Promise<FrozenDatabase | undefined> {
    if (logBytes(path) > logBytesAtOnceMax) await onSnapshotThread({ kind: "bring-log-in", path });
    return FrozenDatabase.freeze(path, this.#files);
  }

  /** What was made of another file, or with other local tables, is not given. */
  #of(replica: Replica): KeptSnapshot[] {
    const local = JSON.stringify(replica.identity.local);
    return (this.#kept.get(replica.name) ?? []).filter((kept) => kept.lineage === replica.view.lineage && kept.local === local);
  }

  async #tidy(): Promise<void> {
    for (const [name, kept] of this.#kept) {
      const over = kept.filter(({ isOver }) => isOver);
      this.#kept.set(
        name,
        kept.filter((one) => !over.includes(one)),
      );
      for (const one of over) await one.end();
    }
    this.#files.tidy();
  }
}

/**
 * What came after this snapshot is in the log, and will stay there for the joiner. What every member had leaves the log; so of a node that once had more than the
 * snapshot, as one whose file was moved away, the others may believe that it has the rest.
 */
function canBeLevelled({ path, known }: Replica, joiner: NodeId, { vector }: KeptSnapshot): boolean {
  return covers(vector, known[joiner] ?? {}) && logReachesBack(path, vector);
}
