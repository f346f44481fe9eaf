import type { RawFile, RawFiles } from "./raw-files.ts";
import type { SnapshotContent } from "./snapshot-content.ts";
import { logBytes } from "./snapshot-file.ts";
import { SqliteDatabase } from "./sqlite-database.ts";

const logBytesMin = 256 * 1_024 * 1_024;
const logPartMax = 0.25;
const attemptsMax = 20;

/**
 * A database with a write-ahead log, as it is at one instant, without a copy. A read transaction keeps what is committed later in the log; before it,
 * everything that it sees has been brought into the file: so the file itself is what it was at that instant, for as long as the transaction lasts.
 */
export class FrozenDatabase implements SnapshotContent {
  readonly bytes: number;
  readonly #path: string;
  readonly #reader: SqliteDatabase;
  readonly #file: RawFile;
  #ended = false;

  private constructor(reader: SqliteDatabase, file: RawFile, bytes: number) {
    this.#path = reader.path;
    this.#reader = reader;
    this.#file = file;
    this.bytes = bytes;
    file.readers += 1;
  }

  /** Undefined where it cannot be had: there is no write-ahead log, or a long transaction of the application's stands in the way. */
  static freeze(path: string, files: RawFiles): FrozenDatabase | undefined {
    const checkpointer = new SqliteDatabase(path);
    try {
      if (checkpointer.get("PRAGMA journal_mode")?.["journal_mode"] !== "wal") return undefined;
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const frozen = FrozenDatabase.#attempt(checkpointer, files);
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
  static #attempt(checkpointer: SqliteDatabase, files: RawFiles): FrozenDatabase | undefined {
    const reader = new SqliteDatabase(checkpointer.path);
    let frozen: FrozenDatabase | undefined;
    try {
      reader.exec("BEGIN");
      reader.get("SELECT 1 FROM sqlite_schema");
      const { busy, log, checkpointed } = checkpointer.get("PRAGMA wal_checkpoint(PASSIVE)") ?? {};
      if (Number(busy) !== 0 || log !== checkpointed) return undefined;
      const bytes = reader.number("PRAGMA page_count") * reader.number("PRAGMA page_size");
      frozen = new FrozenDatabase(reader, files.open(reader.path), bytes);
      return frozen;
    } finally {
      if (frozen === undefined) reader.close();
    }
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    const bytesRead = await this.#file.read(into, offset);
    // Some of what was read while the transaction ended may be younger than the rest.
    if (this.#ended) throw new Error(`the snapshot of ${this.#path} is kept no longer`);
    return bytesRead;
  }

  /** The log has grown much meanwhile: the application's disk is worth more than a joiner's time. */
  get isDear(): boolean {
    return logBytes(this.#path) > Math.max(logBytesMin, this.bytes * logPartMax);
  }

  /** Lets the log be brought into the file again. */
  end(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#ended = true;
    this.#file.readers -= 1;
    this.#reader.close();
    return Promise.resolve();
  }
}
