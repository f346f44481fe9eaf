import type { SQLInputValue } from "node:sqlite";
import { bytesOfText, mayBeAltered, textOfBytes } from "./exact-text.ts";
import type { SqlValue } from "./row-codec.ts";

/*
 * SQLite's texts go through node:sqlite as strings, and what is no valid UTF-8 in them is replaced. Where that may have happened the same rows are read again, as
 * bytes; and such texts are written as bytes that SQLite takes for a text. Both are rare, so nothing else pays for it.
 */

/** Whether some value of a row may not be what stands in the file. */
export function isPerhapsAltered(row: readonly SqlValue[]): boolean {
  return row.some((value) => typeof value === "string" && mayBeAltered(value));
}

/** A query for the same rows in the same order, each value followed by whether it is a text: then it is given as bytes. Undefined: of this statement there is none. */
export function asBytes(sql: string, width: number): string | undefined {
  if (!/^\s*SELECT\b/i.test(sql)) return undefined;
  const names = Array.from({ length: width }, (_, position) => `c${position}`);
  const values = names.map(
    (name) => `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END, typeof(${name}) = 'text'`,
  );
  return `WITH exact (${names.join(", ")}) AS (${sql}) SELECT ${values.join(", ")} FROM exact`;
}

/** A row of such a query, with its texts whole. */
export function fromBytes(row: readonly SqlValue[]): SqlValue[] {
  return Array.from({ length: row.length / 2 }, (_, position) => {
    const value = row[position * 2] ?? null;
    return row[position * 2 + 1] === 1n && value instanceof Uint8Array ? textOfBytes(value) : value;
  });
}

export interface Bindable {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** A statement that takes these values as they are; the same one where all of them can be bound to it. */
export function bindable(sql: string, values: readonly SQLInputValue[]): Bindable {
  if (values.every((value) => typeof value !== "string" || value.isWellFormed())) return { sql, values };
  const isBytes = values.map((value) => typeof value === "string" && !value.isWellFormed());
  let position = 0;
  // What is quoted stands as it is; of all else only the places for values matter.
  const rewritten = sql.replace(/'[^']*'|"[^"]*"|\?(\d*)/g, (found, number: string | undefined) => {
    if (!found.startsWith("?")) return found;
    const place = number === undefined || number === "" ? position : Number(number) - 1;
    position += 1;
    return isBytes[place] === true ? `CAST(${found} AS TEXT)` : found;
  });
  return {
    sql: rewritten,
    values: values.map((value) => (typeof value === "string" && !value.isWellFormed() ? bytesOfText(value) : value)),
  };
}
