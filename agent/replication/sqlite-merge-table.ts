import type { OriginId } from "../../shared/domain/ids.ts";
import type { RowVersion, TableShape } from "../../shared/domain/replication/change.ts";
import type { KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import { type MergeConflict, type MergeTable, neverWritten } from "../../shared/domain/replication/row-merge.ts";
import { originNumber } from "./change-log-tables.ts";
import { type Conflict, journalConflict } from "./conflict-journal.ts";
import type { ReplicaTable, StandingRow } from "./replica-table.ts";
import { decodeRow, type SqlValue } from "./row-codec.ts";
import { shapeNumber } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** A row in the shape in which it was written: its bytes (row-codec.ts), and its values. */
export interface StoredRow {
  readonly shape: TableShape;
  readonly bytes: Uint8Array;
  readonly values: readonly SqlValue[];
}

/** In place of an origin's number, which a row that nobody has written has none of. */
const noOrigin = 0;

/** A table of the application with what the agent keeps beside it, as the merge (shared/domain/replication/row-merge.ts) reads and changes it. */
export class SqliteMergeTable implements MergeTable<StandingRow, StoredRow> {
  conflicts = 0;
  readonly #database: SqliteDatabase;
  readonly #table: ReplicaTable;
  /** Of origins in this file, looked up once a transaction. */
  readonly #numbers = new Map<OriginId, number>();

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
    return bytes === undefined ? undefined : { shape: this.form, bytes, values: decodeRow(bytes) };
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
      `SELECT v.epoch, v.hlc, v.seq, o.name FROM _understudy_row_version AS v JOIN _understudy_origin AS o ON o.id = v.origin WHERE v.tbl = ? AND v.key = ?`,
      this.form.table,
      key,
    );
    if (row === undefined) return undefined;
    return { epoch: epochIn(row), hlc: Number(row["hlc"]), seq: Number(row["seq"]), origin: String(row["name"]) as OriginId };
  }

  noteWrite({ key }: StandingRow, { epoch, hlc, origin, seq }: KnownVersion, stands: boolean): void {
    this.#database.run(
      "INSERT OR REPLACE INTO _understudy_row_version (tbl, key, hlc, origin, seq, stands, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)",
      this.form.table,
      key,
      hlc,
      this.#numberOf(origin),
      seq,
      stands ? 1 : 0,
      epoch ?? null,
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
      const bytes = entry["row"] as Uint8Array;
      const row = { shape: JSON.parse(String(entry["form"])) as TableShape, bytes, values: decodeRow(bytes) };
      return { row, version: { epoch: epochIn(entry), hlc: Number(entry["hlc"]), origin: String(entry["name"]) as OriginId } };
    });
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

  journal({ reason, key, winner, loser }: MergeConflict<StandingRow, StoredRow>): void {
    this.conflicts += 1;
    journalConflict(this.#database, {
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
