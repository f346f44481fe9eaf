import { closeSync, existsSync, fdatasyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import type { OriginId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { covers, seqIn } from "../../shared/domain/replication/version-vector.ts";

/**
 * How much of a replica no loss of power takes back. What others sent is committed without waiting for the disk, so that it shows at
 * once; the log is synced right after, for all that came meanwhile in one go, and only then do the others hear that it is here.
 */
export class DurableVector {
  readonly #path: string;
  readonly #onSynced: () => void;
  readonly #onFailed: (error: unknown) => void;
  #synced: VersionVector = {};
  #sealed = 0;
  #wanted: { readonly vector: VersionVector; readonly sealed: number } | undefined;
  #syncsLater = false;
  #isSyncing = false;
  #openings = 0;
  /** Of the last answer, so that it stays the same object for as long as nothing changes. */
  #told: { readonly vector: VersionVector; readonly synced: VersionVector; readonly durable: VersionVector } | undefined;

  /** `onFailed`: the disk did not take it; nothing is told until `syncWhatIsLeft`, or the next commit, brings it there. */
  constructor(path: string, onSynced: () => void, onFailed: (error: unknown) => void) {
    this.#path = path;
    this.#onSynced = onSynced;
    this.#onFailed = onFailed;
  }

  /** The file was opened, and has so much; `syncsLater`: its commits do not wait for the disk. Who wrote last may have lost its process and not its power. */
  opened(syncsLater: boolean, vector: VersionVector, sealed = 0): void {
    this.#openings += 1;
    this.#syncsLater = syncsLater;
    if (syncsLater) syncLogNow(this.#path);
    this.#synced = vector;
    this.#sealed = sealed;
    this.#wanted = undefined;
  }

  /** This node's own writes up to here are on the disk, and the file there says so. */
  get sealed(): number {
    return this.#sealed;
  }

  /** `sealed`: as it stands in the file with this commit. */
  committed(vector: VersionVector, sealed = 0): void {
    if (covers(this.#synced, vector) && sealed <= this.#sealed) return;
    if (!this.#syncsLater) {
      this.#synced = vector;
      this.#sealed = sealed;
      return;
    }
    this.#wanted = { vector, sealed };
    this.syncWhatIsLeft();
  }

  /** All that is committed, before this returns: for what nobody may hear of while a loss of power could take it back. */
  syncNow(): void {
    if (this.#syncsLater) syncLogNow(this.#path);
  }

  /** What a disk has not taken is tried again. */
  syncWhatIsLeft(): void {
    if (this.#wanted !== undefined && !this.#isSyncing) void this.#sync();
  }

  /** Of the present vector; `own`: the origin of this node's own writes, whose safety is their application's choice. */
  of(vector: VersionVector, own: OriginId | null): VersionVector {
    const synced = this.#synced;
    if (this.#told?.vector === vector && this.#told.synced === synced) return this.#told.durable;
    const foreign = own === null ? synced : { ...synced, [own]: seqIn(vector, own) };
    const durable = covers(foreign, vector) ? vector : foreign;
    this.#told = { vector, synced, durable };
    return durable;
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true;
    try {
      for (let next = this.#wanted; next !== undefined; next = this.#wanted) {
        const opening = this.#openings;
        await syncLog(this.#path);
        // Another file may be open by now, of which this says nothing.
        if (opening === this.#openings) {
          this.#synced = next.vector;
          this.#sealed = next.sealed;
          if (this.#wanted === next) this.#wanted = undefined;
        }
        this.#onSynced();
      }
    } catch (error) {
      this.#onFailed(error);
    } finally {
      this.#isSyncing = false;
    }
  }
}

/**
 * The log, never the database's own file: to close that would take away all locks that this process has on it, SQLite's among them. Where there
 * is no log any more, it was synced into the file before it went.
 */
async function syncLog(path: string): Promise<void> {
  if (!existsSync(logOf(path))) return;
  await using log = await open(logOf(path), "r");
  await log.datasync();
}

function syncLogNow(path: string): void {
  if (!existsSync(logOf(path))) return;
  const log = openSync(logOf(path), "r");
  try {
    fdatasyncSync(log);
  } finally {
    closeSync(log);
  }
}

function logOf(path: string): string {
  return `${path}-wal`;
}
