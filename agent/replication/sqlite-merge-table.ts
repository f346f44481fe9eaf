import { isDeepStrictEqual } from "node:util";
import type { OriginId } from "../../shared/domain/ids.ts";
import type { RowVersion, TableShape } from "../../shared/domain/replication/change.ts";
import type { ColumnWrites } from "../../shared/domain/replication/column-writes.ts";
import type { KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import { type MergeConflict, type MergeTable, neverWritten } from "../../shared/domain/replication/merge-table.ts";
import type { Rival } from "../../shared/domain/replication/rival.ts";
import { originNumber } from "./change-log-tables.ts";
import { hasColumnWrites, readColumnWrites, replaceColumnWrites } from "./column-writes.ts";
import { type Conflict, journalConflict } from "./conflict-journal.ts";
import { logEntries } from "./log-entry.ts";
import type { ReplicaTable, StandingRow } from "./replica-table.ts";
import { hasRivals, keptContext, policyText, readRivals, replaceRivals, versionIn } from "./rival-rows.ts";
import type { SqlValue } from "./row-codec.ts";
import { shapeNumber } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { decodedRow, onlyColumns, type StoredRow, storedRow, withColumns } from "./stored-row.ts";
import { rowOfEntry } from "./written-columns.ts";

/** In place of an origin's number, which a row that nobody has written has none of. */
const noOrigin = 0;

/** A table of the application with what the agent keeps beside it, as the merge (shared/domain/replication/row-merge.ts) reads and changes it. */
export class SqliteMergeTable implements MergeTable<StandingRow, StoredRow> {
  conflicts = 0;
  readonly #database: SqliteDatabase;
  readonly #table: ReplicaTable;
  /** Of origins in this file, looked up once a transaction. */
  readonly #numbers = new Map<OriginId, number>();
  /** Whether the table has any rivals, looked up once a transaction: it has none, as a rule. */
  #hasRivals: boolean | undefined;
  /** So with columns that are not of their row's newest write. */
  #hasColumnWrites: boolean | undefined;

  constructor(database: SqliteDatabase, table: ReplicaTable) {
    this.#database = database;
    this.#table = table;
  }

  get form(): ReplicaTable["form"] {
    return this.#table.form;
  }

  keyOf({ shape, values }: StoredRow): StandingRow {
    return this.keyIn(shape, values);
  }

  keyIn(shape: TableShape, values: readonly SqlValue[]): StandingRow {
    const keyValues = this.#table.keyValues(shape, values);
    return { key: this.#table.keyOf(keyValues), keyValues };
  }

  read({ keyValues }: StandingRow): StoredRow | undefined {
    const bytes = this.#table.read(keyValues);
    return bytes === undefined ? undefined : decodedRow(this.form, bytes);
  }

  isEqual(one: StoredRow, other: StoredRow): boolean {
    return Buffer.compare(one.bytes, other.bytes) === 0 && isDeepStrictEqual(one.shape.columns, other.shape.columns);
  }

  put({ shape, values }: StoredRow): void {
    this.#table.put(shape, values);
  }

  remove({ keyValues }: StandingRow): void {
    this.#table.remove(keyValues);
  }

  inTheWayOf({ shape, values }: StoredRow): readonly StandingRow[] {
    return this.#table.inTheWayOf(shape, values);
  }

  newestWrite({ key }: StandingRow): KnownVersion | undefined {
    const row = this.#database.get(
      `SELECT v.epoch, v.hlc, v.seq, v.policy, v.context, o.name FROM _understudy_row_version AS v JOIN _understudy_origin AS o ON o.id = v.origin WHERE v.tbl = ? AND v.key = ?`,
      this.form.table,
      key,
    );
    return row === undefined ? undefined : versionIn(this.#database, row);
  }

  noteWrite({ key }: StandingRow, { epoch, hlc, origin, seq, policy, context }: KnownVersion, stands: boolean): void {
    this.#database.run(
      "INSERT OR REPLACE INTO _understudy_row_version (tbl, key, hlc, origin, seq, stands, epoch, policy, context) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      this.form.table,
      key,
      hlc,
      this.#numberOf(origin),
      seq,
      stands ? 1 : 0,
      epoch ?? null,
      policyText(policy),
      keptContext(this.#database, context),
    );
  }

  displaced(): readonly { readonly row: StoredRow; readonly version: RowVersion }[] {
    const waiting = this.#database.all(
      `SELECT d.row, d.epoch, d.hlc, coalesce(o.name, '') AS name, s.form FROM _understudy_displaced AS d
       LEFT JOIN _understudy_origin AS o ON o.id = d.origin JOIN _understudy_shape AS s ON s.id = d.shape
       WHERE d.tbl = ? ORDER BY coalesce(d.epoch, 0) DESC, d.hlc DESC, o.name DESC, d.key`,
      this.form.table,
    );
    return waiting.map((entry) => {
      const row = decodedRow(JSON.parse(String(entry["form"])) as TableShape, entry["row"] as Uint8Array);
      return { row, version: { epoch: epochIn(entry), hlc: Number(entry["hlc"]), origin: String(entry["name"]) as OriginId } };
    });
  }

  displacedRow({ key }: StandingRow): StoredRow | undefined {
    const waiting = this.#database.get(
      "SELECT d.row, s.form FROM _understudy_displaced AS d JOIN _understudy_shape AS s ON s.id = d.shape WHERE d.tbl = ? AND d.key = ?",
      this.form.table,
      key,
    );
    return waiting === undefined ? undefined : decodedRow(JSON.parse(String(waiting["form"])) as TableShape, waiting["row"] as Uint8Array);
  }

  displace(row: StoredRow, { epoch, hlc, origin }: RowVersion): void {
    this.#database.run(
      "INSERT OR REPLACE INTO _understudy_displaced (tbl, key, shape, hlc, origin, row, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)",
      this.form.table,
      this.keyOf(row).key,
      shapeNumber(this.#database, row.shape),
      hlc,
      origin === neverWritten.origin ? noOrigin : this.#numberOf(origin),
      row.bytes,
      epoch ?? null,
    );
  }

  forgetDisplaced({ key }: StandingRow): void {
    this.#database.run("DELETE FROM _understudy_displaced WHERE tbl = ? AND key = ?", this.form.table, key);
  }

  rivals({ key }: StandingRow): readonly Rival<StoredRow>[] {
    this.#hasRivals ??= hasRivals(this.#database, this.form.table);
    if (!this.#hasRivals) return [];
    return readRivals(this.#database, this.form.table, key).map(({ shape, bytes, ...rival }) => ({
      ...rival,
      row: bytes === undefined ? undefined : decodedRow(shape, bytes),
    }));
  }

  keepRivals({ key }: StandingRow, rivals: readonly Rival<StoredRow>[]): void {
    if (rivals.length > 0) this.#hasRivals = true;
    const rows = rivals.map(({ row, ...rival }) => {
      const shape = row?.shape ?? this.form;
      return {
        ...rival,
        shape,
        bytes: row?.bytes,
        originNumber: this.#numberOf(rival.origin),
        shapeNumber: shapeNumber(this.#database, shape),
      };
    });
    replaceRivals(this.#database, this.form.table, key, rows);
  }

  columnsOf({ shape }: StoredRow): readonly string[] {
    return shape.columns;
  }

  withColumns(row: StoredRow, other: StoredRow, columns: readonly string[]): StoredRow {
    return withColumns(row, other, columns);
  }

  onlyColumns(row: StoredRow, columns: readonly string[]): StoredRow {
    return onlyColumns(row, columns);
  }

  carriedBy({ origin, seq }: KnownVersion): StoredRow | undefined {
    const sql = "SELECT * FROM _understudy_log WHERE origin = ? AND seq = ?";
    for (const { shape, isPut, values } of logEntries(this.#database, sql, this.#numberOf(origin), seq)) {
      return isPut ? storedRow(shape, rowOfEntry(shape, values).values) : undefined;
    }
    return undefined;
  }

  columnWrites({ key }: StandingRow): ColumnWrites | undefined {
    this.#hasColumnWrites ??= hasColumnWrites(this.#database, this.form.table);
    return this.#hasColumnWrites ? readColumnWrites(this.#database, this.form.table, key) : undefined;
  }

  keepColumnWrites({ key }: StandingRow, writes: ColumnWrites | undefined): void {
    this.#hasColumnWrites ??= hasColumnWrites(this.#database, this.form.table);
    if (writes === undefined && !this.#hasColumnWrites) return;
    this.#hasColumnWrites = true;
    replaceColumnWrites(this.#database, this.form.table, key, writes, (origin) => this.#numberOf(origin));
  }

  journal({ reason, key, winner, loser }: MergeConflict<StandingRow, StoredRow>): number {
    this.conflicts += 1;
    return journalConflict(this.#database, {
      reason,
      table: this.form.table,
      key: key.key,
      winner: winner === undefined ? undefined : this.#sideOf(winner),
      loser: this.#sideOf(loser),
    });
  }

  #numberOf(origin: OriginId): number {
    const number = this.#numbers.get(origin) ?? originNumber(this.#database, origin);
    this.#numbers.set(origin, number);
    return number;
  }

  #sideOf({ row, ...version }: MergeConflict<StandingRow, StoredRow>["loser"]): Conflict["loser"] {
    return { ...version, shape: row?.shape ?? this.form, row: row?.bytes };
  }
}

function epochIn({ epoch }: Record<string, SqlValue>): number | undefined {
  return epoch === null || epoch === undefined ? undefined : Number(epoch);
}
