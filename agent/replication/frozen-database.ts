import { closeSync, fstatSync, openSync, read, statSync } from "node:fs";
import { promisify } from "node:util";
import type { SnapshotContent } from "./snapshot-content.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

const readAt = promisify(read);
const logBytesMin = 256 * 1_024 * 1_024;
const logPartMax = 0.25;
const attemptsMax = 20;

/**
 * Files of databases that were read past SQLite. To close such a file would drop the locks that SQLite holds on it anywhere in this process (so are
 * POSIX locks), so it stays open until another one stands at its path, or the process ends.
 */
const openFiles = new Map<string, number>();

/**
 * A database with a write-ahead log, as it is at one instant, without a copy. A read transaction keeps what is committed later in the log; before it,
 * everything that it sees has been brought into the file: so the file itself is what it was at that instant, for as long as the transaction lasts.
 */
export class FrozenDatabase implements SnapshotContent {
  readonly bytes: number;
  readonly #path: string;
  readonly #reader: SqliteDatabase;
  readonly #file: number;

  private constructor(reader: SqliteDatabase, file: number, bytes: number) {
    this.#path = reader.path;
    this.#reader = reader;
    this.#file = file;
    this.bytes = bytes;
  }

  /** Undefined where it cannot be had: there is no write-ahead log, or a long transaction of the application's stands in the way. */
  static freeze(path: string): FrozenDatabase | undefined {
    const checkpointer = new SqliteDatabase(path);
    try {
      if (checkpointer.get("PRAGMA journal_mode")?.["journal_mode"] !== "wal") return undefined;
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const frozen = FrozenDatabase.#attempt(path, checkpointer);
        if (frozen !== undefined) return frozen;
      }
      return undefined;
    } finally {
      checkpointer.close();
    }
  }

  /**
   * What the checkpoint finds in the log is at least what the reader sees, and what it brings into the file at most that: where the two are the
   * same, the file is what the reader sees. Where the application has committed in between, they are not.
   */
  static #attempt(path: string, checkpointer: SqliteDatabase): FrozenDatabase | undefined {
    const reader = new SqliteDatabase(path);
    let frozen: FrozenDatabase | undefined;
    try {
      reader.exec("BEGIN");
      reader.get("SELECT 1 FROM sqlite_schema");
      const { busy, log, checkpointed } = checkpointer.get("PRAGMA wal_checkpoint(PASSIVE)") ?? {};
      if (Number(busy) !== 0 || log !== checkpointed) return undefined;
      const bytes = reader.number("PRAGMA page_count") * reader.number("PRAGMA page_size");
      frozen = new FrozenDatabase(reader, fileOf(path), bytes);
      return frozen;
    } finally {
      if (frozen === undefined) reader.close();
    }
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    const { bytesRead } = await readAt(this.#file, into, 0, into.length, offset);
    return bytesRead;
  }

  /** The log has grown much meanwhile: the application's disk is worth more than a joiner's time. */
  get isDear(): boolean {
    const logBytes = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return logBytes > Math.max(logBytesMin, this.bytes * logPartMax);
  }

  /** Lets the log be brought into the file again. */
  end(): Promise<void> {
    this.#reader.close();
    return Promise.resolve();
  }
}

function fileOf(path: string): number {
  const known = openFiles.get(path);
  if (known !== undefined && fstatSync(known).ino === statSync(path).ino) return known;
  if (known !== undefined) closeSync(known);
  const file = openSync(path, "r");
  openFiles.set(path, file);
  return file;
}
