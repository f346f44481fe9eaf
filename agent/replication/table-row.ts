import type { TableShape } from "../../shared/domain/replication/change.ts";
import type { SqlValue } from "./row-codec.ts";
import { quoted, type SqliteDatabase } from "./sqlite-database.ts";

/** The row of a key as it stands, in the shape's columns; undefined where there is none. Throws where the table has other columns now. */
export function readRow(
  database: SqliteDatabase,
  { table, columns, key }: TableShape,
  keyValues: readonly SqlValue[],
): SqlValue[] | undefined {
  const names = columns.map((name, position) => `${quoted(name)} AS c${position}`).join(", ");
  const row = database.get(`SELECT ${names} FROM ${quoted(table)} WHERE ${keyIs(columns, key)}`, ...keyValues);
  return row === undefined ? undefined : Object.values(row);
}

/** Writes a row as an application would: triggers run, and constraints hold. */
export function writeRow(database: SqliteDatabase, { table, columns, key }: TableShape, values: readonly SqlValue[]): void {
  const names = columns.map(quoted);
  const isKey = new Set(key);
  const others = names.filter((_, position) => !isKey.has(position));
  const target = key.map((position) => names[position]).join(", ");
  const otherwise = others.length === 0 ? "NOTHING" : `UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(", ")}`;
  database.run(
    `INSERT INTO ${quoted(table)} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ON CONFLICT (${target}) DO ${otherwise}`,
    ...values,
  );
}

/** Changes the row of this key in these columns, as an application would. False: there is none. */
export function updateRow(database: SqliteDatabase, { table, columns, key }: TableShape, values: readonly SqlValue[]): boolean {
  const others = columns.flatMap((name, position) =>
    key.includes(position) ? [] : [{ name: quoted(name), value: values[position] ?? null }],
  );
  if (others.length === 0) return false;
  const changed = database.run(
    `UPDATE ${quoted(table)} SET ${others.map(({ name }) => `${name} = ?`).join(", ")} WHERE ${keyIs(columns, key)}`,
    ...others.map(({ value }) => value),
    ...key.map((position) => values[position] ?? null),
  );
  return changed > 0;
}

/** Inserts a row as an application would that leaves its key of one column to the table. Returns the key. */
export function insertRow(database: SqliteDatabase, { table, columns, key }: TableShape, values: readonly SqlValue[]): bigint {
  const others = columns.flatMap((name, position) =>
    key.includes(position) ? [] : [{ name: quoted(name), value: values[position] ?? null }],
  );
  const names = others.map(({ name }) => name).join(", ");
  const into = others.length === 0 ? "DEFAULT VALUES" : `(${names}) VALUES (${others.map(() => "?").join(", ")})`;
  const column = quoted(columns[key[0] ?? 0] ?? "");
  const row = database.get(`INSERT INTO ${quoted(table)} ${into} RETURNING ${column} AS key`, ...others.map(({ value }) => value));
  return row?.["key"] as bigint;
}

/** Deletes a row as an application would. */
export function deleteRow(database: SqliteDatabase, { table, columns, key }: TableShape, keyValues: readonly SqlValue[]): void {
  database.run(`DELETE FROM ${quoted(table)} WHERE ${keyIs(columns, key)}`, ...keyValues);
}

function keyIs(columns: readonly string[], key: readonly number[]): string {
  return key.map((position) => `${quoted(columns[position] ?? "")} = ?`).join(" AND ");
}
