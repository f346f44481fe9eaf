import type { NodeId } from "../../shared/domain/ids.ts";
import { chunkSizesFor } from "../../shared/domain/replication/files/content-chunking.ts";
import type { Chunk, FileDescription, FileEntry } from "../../shared/domain/replication/files/file-entry.ts";
import { sealsFor, type TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import type { SqlValue } from "../replication/row-codec.ts";
import { SqliteDatabase } from "../replication/sqlite-database.ts";
import { packChunks, unpackChunks } from "./chunk-list.ts";

const patienceMs = 5_000;
/** A file that is no longer has no list of chunks. */
const shortBytes = chunkSizesFor(0).least;

export interface Publication {
  readonly path: string;
  readonly is: FileDescription;
  /** Of a file with more than one. */
  readonly chunks: readonly Chunk[];
}

/** From epoch to epoch by the index: a manifest has many entries and few epochs. */
const highestByEpoch = `
  WITH RECURSIVE epochs (epoch) AS (
    SELECT min(epoch) FROM entry UNION ALL SELECT (SELECT min(epoch) FROM entry WHERE entry.epoch > epochs.epoch) FROM epochs WHERE epoch IS NOT NULL)
  SELECT epoch, (SELECT max(number) FROM entry WHERE entry.epoch = epochs.epoch) AS number FROM epochs WHERE epoch IS NOT NULL`;

/** What stands in a tree, path by path, as its writers have said it. */
export class Manifest {
  readonly #database: SqliteDatabase;

  constructor(path: string) {
    this.#database = new SqliteDatabase(path, patienceMs);
    // Every commit is on the disk before the others hear of it: a number is not used twice.
    this.#database.exec("PRAGMA synchronous = FULL");
  }

  get tenure(): TreeTenure | undefined {
    const row = this.#database.get("SELECT * FROM tenure ORDER BY epoch DESC LIMIT 1");
    if (row === undefined) return undefined;
    return {
      epoch: Number(row["epoch"]),
      node: String(row["node"]) as NodeId,
      seals: JSON.parse(String(row["seals"])) as Record<string, number>,
      isSurveyed: Number(row["surveyed"]) === 1,
    };
  }

  /** The fence: from here on only this tenure's writes count, and what of the earlier ones is here now. */
  beginTenure(epoch: number, node: NodeId): TreeTenure {
    return this.#database.write(() => {
      const seals = sealsFor(this.tenure, Object.fromEntries(this.highest()));
      this.#database.run("INSERT INTO tenure (epoch, node, seals, surveyed) VALUES (?, ?, ?, 0)", epoch, node, JSON.stringify(seals));
      this.#database.run("DELETE FROM tenure WHERE epoch < ? AND epoch NOT IN (SELECT epoch FROM entry)", epoch);
      return { epoch, node, seals, isSurveyed: false };
    });
  }

  /** All of the writer's tree is published: who follows may take what has no entry for not being there. */
  surveyed(epoch: number): void {
    this.#database.run("UPDATE tenure SET surveyed = 1 WHERE epoch = ? AND surveyed = 0", epoch);
  }

  /** The highest number that is present, by epoch. */
  highest(): Map<number, number> {
    const rows = this.#database.all(highestByEpoch);
    return new Map(rows.map(({ epoch, number }) => [Number(epoch), Number(number)]));
  }

  get(path: string): FileEntry | undefined {
    const row = this.#database.get("SELECT * FROM entry WHERE path = ?", path);
    return row === undefined ? undefined : entryOf(row);
  }

  /** Those of these paths that have one. */
  entriesAt(paths: readonly string[]): Map<string, FileEntry> {
    const rows = this.#database.all("SELECT * FROM entry WHERE path IN (SELECT value FROM json_each(?))", JSON.stringify(paths));
    return new Map(rows.map(entryOf).map((entry) => [entry.path, entry]));
  }

  writtenAfter(epoch: number, number: number, limit: number): FileEntry[] {
    return this.#database
      .all("SELECT * FROM entry WHERE epoch = ? AND number > ? ORDER BY number LIMIT ?", epoch, number, limit)
      .map(entryOf);
  }

  /** What `writtenAfter` would give without a limit: how much it is. */
  restAfter(epoch: number, number: number): { readonly files: number; readonly bytes: number } {
    const row = this.#database.get(
      "SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM entry WHERE epoch = ? AND number > ?",
      epoch,
      number,
    );
    return { files: Number(row?.["files"] ?? 0), bytes: Number(row?.["bytes"] ?? 0) };
  }

  /** In the order of paths. */
  after(path: string, limit: number): FileEntry[] {
    return this.#database.all("SELECT * FROM entry WHERE path > ? ORDER BY path LIMIT ?", path, limit).map(entryOf);
  }

  /** Empty where it is not known; one chunk where the content is no longer than that. */
  chunksOf({ content, size }: FileDescription): readonly Chunk[] {
    const row = size <= shortBytes ? undefined : this.#database.get("SELECT chunks FROM content WHERE sha256 = ?", content);
    if (row !== undefined) return unpackChunks(row["chunks"] as Uint8Array);
    return size === 0 ? [] : [{ start: 0, bytes: size, sha256: content }];
  }

  /** Writes what the writer has seen, all of it or nothing. Returns the entries. */
  publish(epoch: number, publications: readonly Publication[]): FileEntry[] {
    const database = this.#database;
    return database.write(() => {
      const present = this.entriesAt(publications.map(({ path }) => path));
      let number = database.number("SELECT max(number) FROM entry WHERE epoch = ?", epoch);
      return publications.map(({ path, is, chunks }) => {
        number += 1;
        const before = present.get(path);
        if (chunks.length > 1) {
          database.run("INSERT OR IGNORE INTO content (sha256, chunks) VALUES (?, ?)", is.content, packChunks(chunks));
        }
        database.run(
          `INSERT INTO entry (path, epoch, number, kind, mode, mtime_us, size, content, target) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (path) DO UPDATE SET epoch = excluded.epoch, number = excluded.number, kind = excluded.kind, mode = excluded.mode,
             mtime_us = excluded.mtime_us, size = excluded.size, content = excluded.content, target = excluded.target`,
          path,
          epoch,
          number,
          is.kind,
          is.mode,
          is.mtimeUs,
          is.size,
          is.content,
          is.target,
        );
        if (before !== undefined && before.content !== "" && before.content !== is.content) this.#dropContent(before.content);
        return { ...is, path, epoch, number };
      });
    });
  }

  /** Forgets what has been gone since before then: who has been away for longer finds it missing here. */
  forgetGone(beforeUs: number): void {
    this.#database.run("DELETE FROM entry WHERE kind = 'gone' AND mtime_us < ?", beforeUs);
  }

  close(): void {
    this.#database.close();
  }

  #dropContent(sha256: string): void {
    this.#database.run("DELETE FROM content WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM entry WHERE content = ?)", sha256, sha256);
  }
}

export function entryOf(row: Record<string, SqlValue>): FileEntry {
  return {
    path: String(row["path"]),
    epoch: Number(row["epoch"]),
    number: Number(row["number"]),
    kind: String(row["kind"]) as FileEntry["kind"],
    mode: Number(row["mode"]),
    mtimeUs: Number(row["mtime_us"]),
    size: Number(row["size"]),
    content: String(row["content"]),
    target: String(row["target"]),
  };
}
