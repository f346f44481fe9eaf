import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareIdentities, isRow, rangeStatements, readRange, rowDigest } from "../../../agent/compare/key-range.ts";
import { decodeRow, encodeRow } from "../../../agent/replication/row-codec.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import { readTableForms, type TableForm } from "../../../agent/replication/table-form.ts";

const folder = mkdtempSync(join(tmpdir(), "us-"));
const path = join(folder, "keys.sqlite");
let database: SqliteDatabase;
const forms = new Map<string, TableForm>();

beforeAll(() => {
  const made = new DatabaseSync(path);
  made.exec(`
    CREATE TABLE plain (id INTEGER PRIMARY KEY, what TEXT);
    CREATE TABLE place (area TEXT COLLATE NOCASE, number, what BLOB, PRIMARY KEY (area, number)) WITHOUT ROWID;
    CREATE TABLE mixed (k PRIMARY KEY, what TEXT);
    INSERT INTO plain VALUES (-5, 'a'), (3, 'b'), (9223372036854775807, 'c'), (40, zeroblob(5000));
    INSERT INTO place VALUES ('graz', 2, 'a'), ('Graz', 1.5, 'b'), ('Aspern', 7, 'c'), ('zell', 'x', 'd');
    INSERT INTO mixed VALUES ('text', 1), (x'00ff', 2), (7, 3), (6.5, 4), ('Text', 5), ('', 6);
  `);
  made.close();
  database = new SqliteDatabase(path);
  for (const form of readTableForms(database, []).forms) forms.set(form.table, form);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function formOf(table: string): TableForm {
  const form = forms.get(table);
  if (form === undefined) throw new Error(`there is no table ${table}`);
  return form;
}

test.each(["plain", "place", "mixed"])(
  "table %s: read in ranges of one row each, every row comes once, and keys are in the order that SQLite has",
  (table) => {
    const form = formOf(table);
    const whole = readRange(database, form, { after: null, upTo: null }, { rows: 100, bytes: 1e6 });
    expect(whole.isCut).toBe(false);
    const seen: string[] = [];
    let after: Uint8Array<ArrayBuffer> | null = null;
    for (let count = 0; count < whole.rows.length; count += 1) {
      const { rows, isCut } = readRange(database, form, { after, upTo: null }, { rows: 1, bytes: 1e6 });
      expect(isCut).toBe(count < whole.rows.length - 1);
      after = rows[0]?.key ?? null;
      expect(readRange(database, form, { after: null, upTo: after }, { rows: 100, bytes: 1e6 }).rows).toHaveLength(count + 1);
      seen.push(...rows.map(({ identity }) => identity));
    }
    expect(seen).toEqual(whole.rows.map(({ identity }) => identity));
    expect(seen.toReversed().toSorted(compareIdentities)).toEqual(seen);
  },
);

test.each(["plain", "place", "mixed"])(
  "table %s: a range is found by the key's index and needs no sorting, wherever it begins",
  (table) => {
    const form = formOf(table);
    const [row] = readRange(database, form, { after: null, upTo: null }, { rows: 1, bytes: 1e6 }).rows;
    const plans = rangeStatements(form, { after: row?.key ?? null, upTo: row?.key ?? null }).map(({ sql, values }) =>
      database.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => String(detail)),
    );
    expect(plans).toHaveLength(form.key.length);
    for (const plan of plans) expect(plan.map((step) => step.split(" ")[0])).toEqual(["SEARCH"]);
  },
);

test("large rows: a range ends with the row that exceeds the bytes", () => {
  const { rows, isCut } = readRange(database, formOf("plain"), { after: encodeRow([3n]), upTo: null }, { rows: 100, bytes: 100 });
  expect(rows.map(({ key }) => decodeRow(key))).toEqual([[40n]]);
  expect(isCut).toBe(true);
});

test("a row that a peer sends: taken where it has this key and this digest, and as many values as the table has columns", () => {
  const form = formOf("plain");
  const [row] = readRange(database, form, { after: null, upTo: null }, { rows: 1, bytes: 1e6 }).rows;
  if (row === undefined) throw new Error("there is no row");
  const said = { identity: row.identity, digest: rowDigest(row.bytes) };
  expect(isRow(form, row.bytes, said)).toBe(true);
  for (const bytes of [encodeRow([3n, "a"]), encodeRow([-5n]), encodeRow([-5n, "a", 1n]), Uint8Array.of(9, 9)]) {
    expect(isRow(form, bytes, said), "another digest").toBe(false);
    expect(isRow(form, bytes, { ...said, digest: rowDigest(bytes) }), "another key, or no row").toBe(false);
  }
});
