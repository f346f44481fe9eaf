import type { TableShape } from "../../shared/domain/replication/change.ts";
import { isReplicatedRow } from "./local-rows.ts";
import { encodeKey, encodeRow, type SqlValue } from "./row-codec.ts";
import { quoted, type SqliteDatabase } from "./sqlite-database.ts";
import type { IndexedColumn, TableForm } from "./table-form.ts";

/** A row that stands in the way of another: same value in a unique column, other key. */
export interface StandingRow {
  readonly key: Uint8Array;
  readonly keyValues: readonly SqlValue[];
}

/** Reads and writes single rows of one table, by key and with exact values. Used inside the applying transaction only. */
export class ReplicaTable {
  readonly form: TableForm;
  readonly #database: SqliteDatabase;
  readonly #whereKey: string;

  constructor(database: SqliteDatabase, form: TableForm) {
    this.#database = database;
    this.form = form;
    this.#whereKey = [...form.keyColumns.map(equals), isReplicatedRow(form)].join(" AND ");
  }

  /** The key's values of a row that has `shape`. */
  keyValues(shape: TableShape, row: readonly SqlValue[]): SqlValue[] {
    return this.form.keyColumns.map(({ name }) => row[shape.columns.indexOf(name)] ?? null);
  }

  keyOf(keyValues: readonly SqlValue[]): Uint8Array {
    return encodeKey(keyValues, this.form.keyCollations);
  }

  /** The row as it stands, in the form's columns, as bytes. */
  read(keyValues: readonly SqlValue[]): Uint8Array | undefined {
    const columns = this.form.columns.map((name, position) => `${quoted(name)} AS c${position}`).join(", ");
    const row = this.#database.get(`SELECT ${columns} FROM ${quoted(this.form.table)} WHERE ${this.#whereKey}`, ...keyValues);
    return row === undefined ? undefined : encodeRow(Object.values(row));
  }

  /** Inserts or overwrites the row of this key; rows in the way by another unique value must be gone already. */
  put(shape: TableShape, row: readonly SqlValue[]): void {
    const names = shape.columns.map(quoted);
    this.#database.run(
      `INSERT INTO ${quoted(this.form.table)} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
       ON CONFLICT DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`,
      ...row,
    );
  }

  remove(keyValues: readonly SqlValue[]): void {
    this.#database.run(`DELETE FROM ${quoted(this.form.table)} WHERE ${this.#whereKey}`, ...keyValues);
  }

  /** Rows with another key that hold one of this row's unique values. */
  inTheWayOf(shape: TableShape, row: readonly SqlValue[]): StandingRow[] {
    const own = this.keyOf(this.keyValues(shape, row));
    const keys = this.form.keyColumns.map(({ name }, position) => `${quoted(name)} AS c${position}`).join(", ");
    const found = new Map<string, StandingRow>();
    for (const unique of this.form.uniques) {
      const values = unique.map(({ name }) => row[shape.columns.indexOf(name)] ?? null);
      if (values.includes(null)) continue;
      const where = unique.map(equals).join(" AND ");
      for (const standing of this.#database.all(`SELECT ${keys} FROM ${quoted(this.form.table)} WHERE ${where}`, ...values)) {
        const keyValues = Object.values(standing);
        const key = this.keyOf(keyValues);
        if (!Buffer.from(key).equals(own)) found.set(Buffer.from(key).toString("hex"), { key, keyValues });
      }
    }
    return [...found.values()];
  }
}

function equals({ name, collation }: IndexedColumn): string {
  return `${quoted(name)} COLLATE ${quoted(collation)} = ?`;
}
