import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { asBytes, type Bindable, bindable, fromBytes, isPerhapsAltered } from "./exact-statement.ts";
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
  readonly #busyTimeoutMs: number;
  readonly #statements = new Map<string, StatementSync>();
  #hasUtf8: boolean | undefined;

  constructor(path: string, busyTimeoutMs = shortBusyTimeoutMs) {
    this.path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
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
    const { statement, bound } = this.#statement(sql, values);
    return Number(statement.run(...bound).changes);
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Record<string, SqlValue> | undefined {
    const { statement, bound } = this.#statement(sql, values);
    const row = statement.get(...bound);
    return row === undefined || !isPerhapsAltered(Object.values(row)) ? row : (this.#exactly(sql, values, [row])[0] ?? row);
  }

  all(sql: string, ...values: readonly SQLInputValue[]): Record<string, SqlValue>[] {
    const { statement, bound } = this.#statement(sql, values);
    const rows = statement.all(...bound);
    return rows.some((row) => isPerhapsAltered(Object.values(row))) ? this.#exactly(sql, values, rows) : rows;
  }

  /** Rows as arrays, in the order of the statement's columns; prepared anew, so that a walk may be left at any row. */
  *rows(sql: string, ...values: readonly SQLInputValue[]): Generator<SqlValue[]> {
    let read = 0;
    for (const row of this.#walk(sql, values)) {
      const exact = isPerhapsAltered(row) && this.#isUtf8 ? asBytes(sql, row.length) : undefined;
      if (exact !== undefined) return yield* this.#walkExactly(`${exact} LIMIT -1 OFFSET ${read}`, values);
      yield row;
      read += 1;
    }
  }

  number(sql: string, ...values: readonly SQLInputValue[]): number {
    const [value] = Object.values(this.get(sql, ...values) ?? {});
    return Number(value ?? 0);
  }

  /** Where another connection has the lock `work` throws at once, and does not wait for it. */
  withoutWaiting<Result>(work: () => Result): Result {
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      return work();
    } finally {
      if (this.#database.isOpen) this.#database.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`);
    }
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

  *#walk(sql: string, values: readonly SQLInputValue[]): Generator<SqlValue[]> {
    const { sql: bindableSql, values: bound } = this.#bindable(sql, values);
    const statement = this.#database.prepare(bindableSql);
    statement.setReturnArrays(true);
    for (const row of statement.iterate(...bound)) yield row as unknown as SqlValue[];
  }

  *#walkExactly(sql: string, values: readonly SQLInputValue[]): Generator<SqlValue[]> {
    for (const row of this.#walk(sql, values)) yield fromBytes(row);
  }

  /** Rows that were read already, with their texts whole: nothing is written between the two, since whoever reads is in a transaction or alone. */
  #exactly(sql: string, values: readonly SQLInputValue[], rows: Record<string, SqlValue>[]): Record<string, SqlValue>[] {
    const names = this.#database
      .prepare(sql)
      .columns()
      .map(({ name }) => name);
    const exact = this.#isUtf8 ? asBytes(sql, names.length) : undefined;
    if (exact === undefined) return rows;
    return Array.from(this.#walkExactly(exact, values), (row) =>
      Object.fromEntries(names.map((name, position) => [name, row[position] ?? null])),
    );
  }

  /** What no valid text has is carried over only between files that keep their texts as bytes of UTF-8. */
  get #isUtf8(): boolean {
    this.#hasUtf8 ??= this.#prepared("PRAGMA encoding").get()?.["encoding"] === "UTF-8";
    return this.#hasUtf8;
  }

  #bindable(sql: string, values: readonly SQLInputValue[]): Bindable {
    const rewritten = bindable(sql, values);
    return rewritten.sql === sql || this.#isUtf8 ? rewritten : { sql, values };
  }

  /** One that was rewritten for its values is made for this once. */
  #statement(
    sql: string,
    values: readonly SQLInputValue[],
  ): { readonly statement: StatementSync; readonly bound: readonly SQLInputValue[] } {
    const { sql: bindableSql, values: bound } = this.#bindable(sql, values);
    return { statement: bindableSql === sql ? this.#prepared(sql) : this.#database.prepare(bindableSql), bound };
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
