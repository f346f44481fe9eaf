import type { LocalRows } from "../../shared/domain/replication/local-parts.ts";
import type { SqlValue } from "./row-codec.ts";
import { literal, quoted } from "./sqlite-database.ts";
import type { IndexedColumn } from "./table-form.ts";

/** Rows of a replicated table that never leave their node, by a column of its key. */
export interface LocalRowsForm {
  readonly column: IndexedColumn;
  readonly patterns: readonly string[];
}

/**
 * What a declaration comes to for a table as it is; a sentence with what to do where it cannot be. Whether a row is local must hang on its key alone, and all
 * spellings of one key must say the same: 1 and 1.0 are one key, and two texts for GLOB.
 */
export function localRowsForm(
  declared: LocalRows | undefined,
  table: {
    readonly name: string;
    readonly key: readonly IndexedColumn[];
    readonly hasUniques: boolean;
    readonly columns: readonly Record<string, SqlValue>[];
  },
): LocalRowsForm | string | undefined {
  if (declared === undefined) return undefined;
  const { name, key, hasUniques, columns } = table;
  const wanted = declared.column?.toLowerCase();
  const column = wanted === undefined && key.length === 1 ? key[0] : key.find((one) => one.name.toLowerCase() === wanted);
  const keyNames = key.map((one) => one.name).join(", ");
  if (column === undefined) {
    return `table ${name} has the key (${keyNames}): say in \`column\` of its local rows by which of these columns they are local`;
  }
  const type = String(columns.find((one) => one["name"] === column.name)?.["type"] ?? "");
  if (!/INT|CHAR|CLOB|TEXT/i.test(type)) {
    return `rows of table ${name} cannot be local by its column ${column.name}, which is declared neither as text nor as integer: declare the whole table \`local\``;
  }
  if (hasUniques) {
    return `rows of table ${name} cannot be local, since it has unique values beside its key: a row that is not sent would exclude one that is; declare the whole table \`local\``;
  }
  return { column, patterns: declared.keys };
}

/**
 * Whether a row is local, in plain SQL, of what stands for its key's column: `NEW.name`, `?1`. Spellings that are one key under the column's collation
 * are local together, or not at all.
 */
export function isLocalRow({ column, patterns }: LocalRowsForm, operand: string): string {
  const same = { NOCASE: "lower", RTRIM: "rtrim" }[column.collation.toUpperCase()];
  const of = (sql: string) => (same === undefined ? sql : `${same}(${sql})`);
  const fits = patterns.map((pattern) => `${of(operand)} GLOB ${of(literal(pattern))}`);
  return `coalesce(${fits.join(" OR ")}, 0)`;
}

/** A condition on a table's rows that leaves out what is local; `1` where all of them are replicated. `qualifier`: `NEW.`, or nothing. */
export function isReplicatedRow(form: { readonly localRows?: LocalRowsForm }, qualifier = ""): string {
  const { localRows } = form;
  return localRows === undefined ? "1" : `NOT ${isLocalRow(localRows, `${qualifier}${quoted(localRows.column.name)}`)}`;
}
