import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { SqlValue } from "./row-codec.ts";

/** SQLite's waiting blocks the thread, so it is short on the replication thread; a database locked for longer is tried again without blocking. */
const shortBusyTimeoutMs = 100;

/**
 * An application's database file as the replication thread uses it: integers as bigint, foreign keys and CHECKs not
 * enforced (what arrives was checked where it was written), and the file never created.
 */
export class SqliteDatabase implements Disposable {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, busyTimeoutMs = shortBusyTimeoutMs) {
    this.path = path;
    const url = pathToFileURL(path);
    url.searchParams.set("mode", "rw");
    this.#database = new DatabaseSync(url, { readBigInts: true, enableForeignKeyConstraints: false, timeout: busyTimeoutMs });
    // The first read tells a database from any other file, and a damaged one from a sound one.
    this.#database.exec("PRAGMA ignore_check_constraints = ON; PRAGMA schema_version;");
  }

  /** For the backup API, which needs the connection itself. */
  get connection(): DatabaseSync {
    return this.#database;
  }

  /** From now on this connection writes as an application does that has them on. Outside a transaction. */
  enforceConstraints(): void {
    this.#database.exec("PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = OFF");
  }

  /** From now on a commit is on the disk when it is done, whatever SQLite was built with. */
  commitDurably(): void {
    this.#database.exec("PRAGMA synchronous = FULL");
  }

  /** From now on commits do not wait for the disk, where the file has a write-ahead log: whoever must know that they are there syncs that. Returns whether it has one. */
  commitWithoutWaiting(): boolean {
    if (this.get("PRAGMA journal_mode")?.["journal_mode"] !== "wal") return false;
    this.#database.exec("PRAGMA synchronous = NORMAL");
    return true;
  }

  /** What this connection writes makes the file no larger than that. */
  limitSize(bytesMax: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${Math.floor(bytesMax / this.number("PRAGMA page_size"))}`);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Record<string, SqlValue> | undefined {
    return this.#prepared(sql).get(...values);
  }

  all(sql: string, ...values: readonly SQLInputValue[]): Record<string, SqlValue>[] {
    return this.#prepared(sql).all(...values);
  }

  /** Rows as arrays, in the order of the statement's columns; prepared anew, so that a walk may be left at any row. */
  *rows(sql: string, ...values: readonly SQLInputValue[]): Generator<SqlValue[]> {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    for (const row of statement.iterate(...values)) yield row as unknown as SqlValue[];
  }

  number(sql: string, ...values: readonly SQLInputValue[]): number {
    const [value] = Object.values(this.get(sql, ...values) ?? {});
    return Number(value ?? 0);
  }

  /** Runs `work` in one write transaction: all of it is committed, or none. */
  write<Result>(work: () => Result): Result {
    return this.#transaction("BEGIN IMMEDIATE", work);
  }

  /** Runs `work` on one read snapshot. */
  read<Result>(work: () => Result): Result {
    return this.#transaction("BEGIN", work);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #transaction<Result>(begin: string, work: () => Result): Result {
    this.exec(begin);
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.exec("ROLLBACK");
      throw error;
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

export function databaseExists(path: string): boolean {
  return existsSync(path);
}

/** An SQL identifier, quoted. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** An SQL text, quoted. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
