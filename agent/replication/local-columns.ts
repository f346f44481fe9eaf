import type { TableShape } from "../../shared/domain/replication/change.ts";
import type { SqlValue } from "./row-codec.ts";
import { type StoredRow, storedRow } from "./stored-row.ts";
import type { TableForm } from "./table-form.ts";

interface WrittenRow {
  readonly shape: TableShape;
  readonly values: readonly SqlValue[];
  /** Undefined: all of them. */
  readonly written: readonly string[] | undefined;
}

/** A row that came, without what is local here: whoever wrote it did not know that yet. */
export function withoutLocalColumns(
  { localColumns }: TableForm,
  { shape, values, written }: WrittenRow,
): { readonly row: StoredRow; readonly written: readonly string[] | undefined } {
  const isLocal = (column: string) => localColumns?.includes(column.toLowerCase()) === true;
  if (!shape.columns.some(isLocal)) return { row: storedRow(shape, values), written };
  const kept = shape.columns.flatMap((column, position) => (isLocal(column) ? [] : [position]));
  const columns = kept.map((position) => shape.columns[position] ?? "");
  const row = storedRow(
    { ...shape, columns, key: shape.key.map((position) => kept.indexOf(position)) },
    kept.map((position) => values[position] ?? null),
  );
  return { row, written: written?.filter((column) => !isLocal(column)) };
}

/** Why a column, as `pragma_table_xinfo` has it, cannot be local, with what to do; undefined where it can. */
export function localColumnProblem(table: string, column: Record<string, SqlValue>): string | undefined {
  const name = String(column["name"]);
  if (Number(column["pk"]) > 0) {
    return `column ${name} of table ${table} is part of its primary key and cannot be \`local\`: declare rows by their keys, or the whole table`;
  }
  if (Number(column["notnull"]) > 0 && column["dflt_value"] === null) {
    return `column ${name} of table ${table} is NOT NULL without a default, so other nodes would have nothing to put there: give it a default, or do not declare it \`local\``;
  }
  return undefined;
}
