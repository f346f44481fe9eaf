import type { Chunk, FileEntry } from "../../shared/domain/replication/files/file-entry.ts";
import { foldedPath, parentOf } from "../../shared/domain/replication/files/path-rules.ts";
import { createOwnedDatabase } from "../replication/owned-database.ts";
import type { SqlValue } from "../replication/row-codec.ts";
import { SqliteDatabase } from "../replication/sqlite-database.ts";
import { entryOf } from "./manifest.ts";

/** What this node has put at a path, or published from it, and how to tell that it is still that. */
export interface Held extends FileEntry {
  readonly signature: string;
  readonly inode: string;
}

/** What was found in a file that had this signature then. */
export type KnownContent = Pick<Held, "signature" | "content" | "size">;

export interface Place {
  readonly path: string;
  readonly start: number;
}

const tables = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS held (
    path TEXT PRIMARY KEY NOT NULL, parent TEXT NOT NULL, folded TEXT NOT NULL, epoch INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL,
    mode INTEGER NOT NULL, mtime_us INTEGER NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL, target TEXT NOT NULL, signature TEXT NOT NULL,
    inode TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS held_parent ON held (parent);
  CREATE INDEX IF NOT EXISTS held_folded ON held (folded);
  CREATE INDEX IF NOT EXISTS held_content ON held (content);
  CREATE INDEX IF NOT EXISTS held_inode ON held (inode);
  CREATE TABLE IF NOT EXISTS piece (
    sha256 TEXT NOT NULL, content TEXT NOT NULL, start INTEGER NOT NULL, PRIMARY KEY (sha256, content, start)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS piece_content ON piece (content);
  CREATE TABLE IF NOT EXISTS intended (path TEXT PRIMARY KEY NOT NULL, content TEXT NOT NULL, target TEXT NOT NULL) WITHOUT ROWID`;

const countedAgainAfter = 50;

/** The rows' paths, of a list that is given as JSON. */
const listed = "(SELECT value FROM json_each(?))";

/** What this node knows of its own tree: never sent, and made anew by reading the tree where it is lost. */
export class TreeState {
  readonly #database: SqliteDatabase;
  #totals = { files: 0, bytes: 0, atMs: Number.NEGATIVE_INFINITY, tookMs: 0 };

  constructor(path: string) {
    createOwnedDatabase(path, tables);
    this.#database = new SqliteDatabase(path);
    this.#database.commitWithoutWaiting();
  }

  meta(name: string): string | undefined {
    const value = this.#database.get("SELECT value FROM meta WHERE name = ?", name)?.["value"];
    return value === undefined ? undefined : String(value);
  }

  setMeta(name: string, value: string): void {
    this.#durably(() => this.#database.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value));
  }

  get(path: string): Held | undefined {
    return heldOf(this.#database.get("SELECT * FROM held WHERE path = ?", path));
  }

  /** Those of these paths that are held. */
  heldAt(paths: readonly string[]): Map<string, Held> {
    const rows = this.#database.all(`SELECT * FROM held WHERE path IN ${listed}`, JSON.stringify(paths));
    return new Map(rows.flatMap((row) => heldOf(row) ?? []).map((held) => [held.path, held]));
  }

  /** What is in those of these paths that are files and are held, as they were when they were read. */
  contentsAt(paths: readonly string[]): Map<string, KnownContent> {
    const sql = `SELECT path, signature, content, size FROM held WHERE kind = 'file' AND path IN ${listed}`;
    const rows = this.#database.all(sql, JSON.stringify(paths));
    return new Map(
      rows.map(({ path, signature, content, size }) => [
        String(path),
        { signature: String(signature), content: String(content), size: Number(size) },
      ]),
    );
  }

  /** Those of the values that stand in any row: as a rule none of what is new does, and one question says so of all of them. */
  present(column: "content" | "folded" | "inode", values: readonly string[]): Set<string> {
    const sql = `SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM held WHERE held.${column} = json_each.value)`;
    return new Set(this.#database.all(sql, JSON.stringify(values)).map(({ value }) => String(value)));
  }

  childrenOf(folder: string): Held[] {
    return this.#database.all("SELECT * FROM held WHERE parent = ? AND path <> ''", folder).flatMap((row) => heldOf(row) ?? []);
  }

  /** Whatever is held below a folder, the deepest first. */
  pathsUnder(folder: string): string[] {
    const [first, last] = folder === "" ? ["", "\u{10ffff}"] : [`${folder}/`, `${folder}0`];
    return this.#database
      .all("SELECT path FROM held WHERE path > ? AND path < ? ORDER BY path DESC", first, last)
      .map(({ path }) => String(path));
  }

  after(path: string, limit: number): string[] {
    return this.#database.all("SELECT path FROM held WHERE path > ? ORDER BY path LIMIT ?", path, limit).map((row) => String(row["path"]));
  }

  withInode(inode: string): Held[] {
    return this.#database.all("SELECT * FROM held WHERE inode = ? LIMIT 8", inode).flatMap((row) => heldOf(row) ?? []);
  }

  withContent(content: string): Held[] {
    return this.#database.all("SELECT * FROM held WHERE content = ? LIMIT 8", content).flatMap((row) => heldOf(row) ?? []);
  }

  /** Another path that is the same where names ignore case. */
  clash(path: string): string | undefined {
    const row = this.#database.get("SELECT path FROM held WHERE folded = ? AND path <> ? LIMIT 1", foldedPath(path), path);
    return row === undefined ? undefined : String(row["path"]);
  }

  /** Files of this tree in which a chunk stands, or stood when they were last read. */
  places(sha256: string): Place[] {
    const whole = this.withContent(sha256).map(({ path }) => ({ path, start: 0 }));
    if (whole.length > 0) return whole;
    return this.#database
      .all("SELECT held.path, piece.start FROM piece JOIN held ON held.content = piece.content WHERE piece.sha256 = ? LIMIT 4", sha256)
      .map(({ path, start }) => ({ path: String(path), start: Number(start) }));
  }

  /** The content was found to have this chunk. */
  hasPiece(content: string, { sha256, start }: Chunk): boolean {
    const sql = "SELECT 1 FROM piece WHERE sha256 = ? AND content = ? AND start = ?";
    return this.#database.get(sql, sha256, content, start) !== undefined;
  }

  knowsPieces(content: string): boolean {
    return this.#database.get("SELECT 1 FROM piece WHERE content = ? LIMIT 1", content) !== undefined;
  }

  /** Before files are put in place: found there by the next life of this agent, they are its own. */
  intend(entries: readonly FileEntry[]): void {
    if (entries.length === 0) return;
    const rows = JSON.stringify(entries.map(({ path, content, target }) => [path, content, target]));
    const sql = "INSERT OR REPLACE INTO intended (path, content, target) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)";
    this.#durably(() => this.#database.run(sql, rows));
  }

  isIntended(path: string, content: string, target: string): boolean {
    return this.#database.get("SELECT 1 FROM intended WHERE path = ? AND content = ? AND target = ?", path, content, target) !== undefined;
  }

  /** `chunks`: of a file that has more than one. Not waited for: what a power failure takes of it, the next look through the tree finds again. */
  hold(held: readonly { readonly held: Held; readonly chunks: readonly Chunk[] }[], released: readonly string[] = []): void {
    const paths = JSON.stringify([...released, ...held.map((item) => item.held.path)]);
    this.#database.write(() => {
      const replaced = this.#database.all(`SELECT DISTINCT content FROM held WHERE path IN ${listed} AND content <> ''`, paths);
      if (released.length > 0) this.#database.run(`DELETE FROM held WHERE path IN ${listed}`, JSON.stringify(released));
      this.#database.run(`DELETE FROM intended WHERE path IN ${listed}`, paths);
      for (const item of held) this.#put(item.held, item.chunks);
      for (const { content = "" } of replaced) {
        this.#database.run("DELETE FROM piece WHERE content = ? AND NOT EXISTS (SELECT 1 FROM held WHERE content = ?)", content, content);
      }
    });
  }

  /** Counting takes a while in a large tree: an answer that is no older than this will do, or, unless that is 0, than so many times what counting takes. */
  totals(ageMsMax: number): { readonly files: number; readonly bytes: number } {
    const beganMs = performance.now();
    if (ageMsMax === 0 || beganMs - this.#totals.atMs >= Math.max(ageMsMax, this.#totals.tookMs * countedAgainAfter)) {
      const row = this.#database.get("SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM held WHERE kind = 'file'");
      this.#totals = {
        files: Number(row?.["files"] ?? 0),
        bytes: Number(row?.["bytes"] ?? 0),
        atMs: beganMs,
        tookMs: performance.now() - beganMs,
      };
    }
    const { files, bytes } = this.#totals;
    return { files, bytes };
  }

  close(): void {
    this.#database.close();
  }

  /** Whatever has been committed so far is on the disk when this returns, too. */
  #durably(work: () => void): void {
    this.#database.commitDurably();
    try {
      work();
    } finally {
      this.#database.commitWithoutWaiting();
    }
  }

  #put(held: Held, chunks: readonly Chunk[]): void {
    this.#database.run(
      "INSERT OR REPLACE INTO held (path, parent, folded, epoch, number, kind, mode, mtime_us, size, content, target, signature, inode) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      held.path,
      parentOf(held.path),
      foldedPath(held.path),
      held.epoch,
      held.number,
      held.kind,
      held.mode,
      held.mtimeUs,
      held.size,
      held.content,
      held.target,
      held.signature,
      held.inode,
    );
    if (chunks.length < 2 || this.knowsPieces(held.content)) return;
    for (const { sha256, start } of chunks)
      this.#database.run("INSERT OR IGNORE INTO piece (sha256, content, start) VALUES (?, ?, ?)", sha256, held.content, start);
  }
}

function heldOf(row: Record<string, SqlValue> | undefined): Held | undefined {
  if (row === undefined) return undefined;
  return { ...entryOf(row), signature: String(row["signature"]), inode: String(row["inode"]) };
}
