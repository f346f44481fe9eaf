import type { TableShape } from "../../shared/domain/replication/change.ts";
import { decodeRow, encodeRow, type SqlValue } from "./row-codec.ts";

/** A row in the shape in which it was written: its bytes (row-codec.ts), and its values. */
export interface StoredRow {
  readonly shape: TableShape;
  readonly bytes: Uint8Array;
  readonly values: readonly SqlValue[];
}

export function storedRow(shape: TableShape, values: readonly SqlValue[]): StoredRow {
  return { shape, values, bytes: encodeRow(values) };
}

export function decodedRow(shape: TableShape, bytes: Uint8Array): StoredRow {
  return { shape, bytes, values: decodeRow(bytes) };
}

/** The row, but for these columns, which are as in `other`; those that the row does not have yet are added to it. */
export function withColumns({ shape, values }: StoredRow, other: StoredRow, columns: readonly string[]): StoredRow {
  const valueOf = (column: string) => other.values[other.shape.columns.indexOf(column)] ?? null;
  const isTaken = new Set(columns);
  const added = columns.filter((column) => !shape.columns.includes(column));
  return storedRow({ ...shape, columns: [...shape.columns, ...added] }, [
    ...shape.columns.map((column, position) => (isTaken.has(column) ? valueOf(column) : (values[position] ?? null))),
    ...added.map(valueOf),
  ]);
}

/** The row with its key and these columns alone. */
export function onlyColumns(row: StoredRow, columns: readonly string[]): StoredRow {
  const { table, key } = row.shape;
  const kept = row.shape.columns.flatMap((column, position) => (key.includes(position) || columns.includes(column) ? [position] : []));
  if (kept.length === row.shape.columns.length) return row;
  const shape = {
    table,
    columns: kept.map((position) => row.shape.columns[position] ?? ""),
    key: key.map((position) => kept.indexOf(position)),
  };
  return storedRow(
    shape,
    kept.map((position) => row.values[position] ?? null),
  );
}
