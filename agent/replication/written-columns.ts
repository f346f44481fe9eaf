import type { TableShape } from "../../shared/domain/replication/change.ts";
import { isByColumn } from "../../shared/domain/replication/conflict-policy.ts";
import type { SqlValue } from "./row-codec.ts";

/*
 * Where conflicts are settled column by column, each entry of the log says which columns the write changed: one more value behind those of its row, in the log and as
 * it travels. A text with a digit for each column, 1 where it was changed; NULL: the row is new or is gone, and all of it counts.
 */

/** How many values an entry of the log has. */
export function loggedWidth({ columns, conflicts }: Pick<TableShape, "columns" | "conflicts">): number {
  return columns.length + (isByColumn(conflicts) ? 1 : 0);
}

/** The row of an entry, and the columns that it changed; undefined: all of them. Throws RangeError where what says so cannot be of this table. */
export function rowOfEntry(
  { table, columns, conflicts }: TableShape,
  logged: readonly SqlValue[],
): { readonly values: readonly SqlValue[]; readonly written: readonly string[] | undefined } {
  if (!isByColumn(conflicts)) return { values: logged, written: undefined };
  const mask = logged[columns.length] ?? null;
  const values = logged.slice(0, columns.length);
  if (mask === null) return { values, written: undefined };
  if (typeof mask !== "string" || mask.length !== columns.length || !/^[01]*1[01]*$/.test(mask))
    throw new RangeError(`a row of ${table} does not say which of its ${columns.length} columns were changed`);
  return { values, written: columns.filter((_, position) => mask[position] === "1") };
}
