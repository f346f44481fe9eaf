import { createHash, hash } from "node:crypto";
import { bytesOfText } from "../replication/exact-text.ts";
import { isReplicatedRow } from "../replication/local-rows.ts";
import { decodeRow, encodeKey, encodeRow, type SqlValue } from "../replication/row-codec.ts";
import { quoted, type SqliteDatabase } from "../replication/sqlite-database.ts";
import type { TableForm } from "../replication/table-form.ts";

/** Rows after the first key and up to the second, in key order; keys as bytes of the row codec. Null: from the table's beginning, to its end. */
export interface KeyRange {
  readonly after: Uint8Array<ArrayBuffer> | null;
  readonly upTo: Uint8Array<ArrayBuffer> | null;
}

export interface RangeRow {
  /** The key's values as they stand, as bytes of the row codec. */
  readonly key: Uint8Array<ArrayBuffer>;
  /** The same for all spellings of one key (1 and 1.0; under NOCASE, A and a). */
  readonly identity: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface RangeRows {
  readonly rows: readonly RangeRow[];
  /** There are more in the range than were read. */
  readonly isCut: boolean;
}

/** Reads a range up to these bounds; the row that exceeds the bytes is still read. Inside a read snapshot. */
export function readRange(
  database: SqliteDatabase,
  form: TableForm,
  range: KeyRange,
  max: { readonly rows: number; readonly bytes: number },
): RangeRows {
  const rows: RangeRow[] = [];
  let bytes = 0;
  for (const { sql, values } of rangeStatements(form, range)) {
    for (const row of database.rows(sql, ...values)) {
      if (row.at(-1) !== 1n) return { rows, isCut: false };
      if (rows.length === max.rows || bytes >= max.bytes) return { rows, isCut: true };
      const read = rangeRow(form, row.slice(0, -1));
      bytes += read.bytes.length;
      rows.push(read);
    }
  }
  return { rows, isCut: false };
}

/**
 * The range's rows in key order, one statement after the other: what has all of the first key's columns but the last in common with it, then all but two, and so on. So
 * each is found by the key's index, which SQLite does not use to compare several columns at once with collations. The last column of each row says whether it is in the range still.
 */
export function rangeStatements(form: TableForm, { after, upTo }: KeyRange): { readonly sql: string; readonly values: SqlValue[] }[] {
  const keys = form.keyColumns.map(({ name, collation }) => `${quoted(name)} COLLATE ${quoted(collation)}`);
  const isWithin = upTo === null ? "1" : `${list(keys)} <= ${list(keys.map(() => "?"))}`;
  const head = `SELECT ${form.columns.map(quoted).join(", ")}, ${isWithin} FROM ${quoted(form.table)} WHERE ${isReplicatedRow(form)}`;
  const last = upTo === null ? [] : decodeRow(upTo);
  if (after === null) return [{ sql: `${head} ORDER BY ${keys.join(", ")}`, values: last }];
  const first = decodeRow(after);
  return keys
    .map((key, position) => {
      const conditions = [...keys.slice(0, position).map((same) => `${same} = ?`), `${key} > ?`];
      return {
        sql: `${head} AND ${conditions.join(" AND ")} ORDER BY ${keys.join(", ")}`,
        values: [...last, ...first.slice(0, position + 1)],
      };
    })
    .toReversed();
}

export function identityOf(form: TableForm, keyValues: readonly SqlValue[]): string {
  return Buffer.from(encodeKey(keyValues, form.keyCollations)).toString("base64");
}

/** In the order in which SQLite has the keys: numbers, texts by their bytes, blobs. */
export function compareIdentities(one: string, other: string): number {
  const [first, second] = [one, other].map((identity) => decodeRow(Buffer.from(identity, "base64"))) as [SqlValue[], SqlValue[]];
  return first.reduce<number>((order, value, position) => order || compareValues(value, second[position] ?? null), 0);
}

function compareValues(one: SqlValue, other: SqlValue): number {
  const kinds = kindOf(one) - kindOf(other);
  if (kinds !== 0 || one === null || other === null || one === other) return kinds;
  if (kindOf(one) > 1) return Buffer.compare(bytesOf(one as string | Uint8Array), bytesOf(other as string | Uint8Array));
  return one < other ? -1 : one > other ? 1 : 0;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? bytesOfText(value) : value;
}

function kindOf(value: SqlValue): number {
  if (value === null) return 0;
  if (typeof value === "bigint" || typeof value === "number") return 1;
  return typeof value === "string" ? 2 : 3;
}

/** Over all rows of a range, in key order. */
export function rangeDigest(rows: readonly RangeRow[]): Uint8Array<ArrayBuffer> {
  const all = createHash("sha256");
  for (const { bytes } of rows) all.update(bytes);
  return new Uint8Array(all.digest().subarray(0, digestBytes));
}

export function rowDigest(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash("sha256", bytes, "buffer").subarray(0, digestBytes));
}

/** Whether bytes are a row of this table, with this key and this digest. */
export function isRow(
  form: TableForm,
  bytes: Uint8Array,
  { identity, digest }: { readonly identity: string; readonly digest: Uint8Array },
): boolean {
  if (digestText(rowDigest(bytes)) !== digestText(digest)) return false;
  try {
    const values = decodeRow(bytes);
    return values.length === form.columns.length && rangeRow(form, values).identity === identity;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A digest as a key of maps. */
export function digestText(digest: Uint8Array): string {
  return Buffer.from(digest).toString("base64");
}

const digestBytes = 16;

function rangeRow(form: TableForm, row: readonly SqlValue[]): RangeRow {
  const keyValues = form.key.map((position) => row[position] ?? null);
  return { key: encodeRow(keyValues), identity: identityOf(form, keyValues), bytes: encodeRow(row) };
}

/** As a row value; of one column it is that column in parentheses. */
function list(columns: readonly string[]): string {
  return `(${columns.join(", ")})`;
}
