import type { OriginId } from "../../shared/domain/ids.ts";
import type { ColumnWrites } from "../../shared/domain/replication/column-writes.ts";
import type { KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** In place of a column's name, for all of the row. */
const wholeRow = "";

export function hasColumnWrites(database: SqliteDatabase, table: string): boolean {
  return database.get("SELECT 1 FROM _understudy_column_write WHERE tbl = ? LIMIT 1", table) !== undefined;
}

/** Undefined: all columns are of the row's newest write, as far as that is known. */
export function readColumnWrites(database: SqliteDatabase, table: string, key: Uint8Array): ColumnWrites | undefined {
  const rows = database.all(
    `SELECT w.col, w.hlc, w.seq, w.deletes, o.name FROM _understudy_column_write AS w JOIN _understudy_origin AS o ON o.id = w.origin
     WHERE w.tbl = ? AND w.key = ?`,
    table,
    key,
  );
  if (rows.length === 0) return undefined;
  const writes = rows.map((row) => {
    const version: KnownVersion = { hlc: Number(row["hlc"]), seq: Number(row["seq"]), origin: String(row["name"]) as OriginId };
    return { column: String(row["col"]), version, deletes: Number(row["deletes"]) === 1 };
  });
  const whole = writes.find(({ column }) => column === wholeRow);
  return {
    whole: whole && { ...whole.version, deletes: whole.deletes },
    columns: new Map(writes.flatMap(({ column, version }) => (column === wholeRow ? [] : [[column, version] as const]))),
  };
}

/** In place of all that the row had. */
export function replaceColumnWrites(
  database: SqliteDatabase,
  table: string,
  key: Uint8Array,
  writes: ColumnWrites | undefined,
  numberOf: (origin: OriginId) => number,
): void {
  database.run("DELETE FROM _understudy_column_write WHERE tbl = ? AND key = ?", table, key);
  const kept = [...(writes?.columns ?? [])].map(([column, version]) => ({ column, version, deletes: false }));
  if (writes?.whole !== undefined) kept.push({ column: wholeRow, version: writes.whole, deletes: writes.whole.deletes });
  for (const { column, version, deletes } of kept) {
    database.run(
      "INSERT INTO _understudy_column_write (tbl, key, col, hlc, origin, seq, deletes) VALUES (?, ?, ?, ?, ?, ?, ?)",
      table,
      key,
      column,
      version.hlc,
      numberOf(version.origin),
      version.seq,
      deletes ? 1 : 0,
    );
  }
}
