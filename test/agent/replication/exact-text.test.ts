import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assert, property, string, uint8Array } from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRange } from "../../../agent/compare/key-range.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { bytesOfText, textOfBytes } from "../../../agent/replication/exact-text.ts";
import { decodeRow, encodeRow } from "../../../agent/replication/row-codec.ts";
import { readTableForms } from "../../../agent/replication/table-form.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "exact-text-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("any bytes are a text and the same bytes again, and any text of people's is as it was", () => {
  assert(
    property(uint8Array({ maxLength: 40 }), (bytes) => {
      const text = textOfBytes(bytes);
      expect(bytesOfText(text)).toEqual(Buffer.from(bytes));
      expect(decodeRow(encodeRow([text, 1n]))).toEqual([text, 1n]);
    }),
  );
  assert(
    property(string({ unit: "binary" }), (text) => {
      expect(textOfBytes(Buffer.from(text))).toBe(text);
    }),
  );
  expect(textOfBytes(Buffer.from("M\xfcller \ud83d\ude00\xff", "latin1")).length).toBe(10);
});

/** Two servers, whose application writes Latin-1 into the file as it would into any other. */
function pair(encoding = "UTF-8"): [OfflineReplica, OfflineReplica] {
  const path = join(folder, "one.sqlite");
  write(
    path,
    `PRAGMA encoding = '${encoding}'; PRAGMA journal_mode = WAL;
     CREATE TABLE caller (name TEXT COLLATE NOCASE PRIMARY KEY, town TEXT, "what?" TEXT UNIQUE); INSERT INTO caller VALUES ('first', 'x', NULL)`,
  );
  const one = OfflineReplica.source(path);
  return [one, OfflineReplica.copyOf(one, join(folder, "two.sqlite"), 1)];
}

function write(path: string, sql: string): void {
  using application = new DatabaseSync(path);
  application.exec(sql);
}

/** All rows in key order, each text by its bytes. */
function bytesIn(path: string): unknown[] {
  using application = new DatabaseSync(path);
  const columns = ["name", "town", "what?"].map((name) => `hex(CAST("${name}" AS BLOB)) || ' ' || typeof("${name}") AS "${name}"`);
  return application.prepare(`SELECT ${columns.join(", ")} FROM caller ORDER BY 1`).all();
}

const latin1 = (text: string) => `CAST(x'${Buffer.from(text, "latin1").toString("hex")}' AS TEXT)`;

test("text that is no valid UTF-8 comes to the other server as it is: as a value, as a key, as a unique value, deleted and in a conflict", () => {
  const [one, two] = pair();
  write(
    one.path,
    `INSERT INTO caller VALUES (${latin1("Müller")}, ${latin1("Köln")}, ${latin1("ä?")}), ('\ufffd', '\ufffd', '♫'), (${latin1("Höß")}, 'x', ${latin1("ö")});
     UPDATE caller SET town = ${latin1("Zürich")} WHERE name = 'first'`,
  );
  exchangeAll([one, two]);
  expect(bytesIn(two.path)).toEqual(bytesIn(one.path));
  expect(bytesIn(two.path)).toHaveLength(4);
  write(two.path, `UPDATE caller SET town = 'there' WHERE name = ${latin1("MüLLER")}; DELETE FROM caller WHERE name = ${latin1("Höß")}`);
  write(one.path, `UPDATE caller SET town = ${latin1("Düren")} WHERE name = ${latin1("Müller")}`);
  write(two.path, `INSERT INTO caller VALUES ('other', 'y', ${latin1("ö")})`);
  exchangeAll([one, two]);
  expect(bytesIn(two.path)).toEqual(bytesIn(one.path));
  expect(bytesIn(two.path)).toHaveLength(4);
  expect(one.database.number("SELECT count(*) FROM _understudy_conflict")).toBe(1);
  expect(compareReplicas([one.path, two.path])).toMatchObject({ equal: true, rows: 4 });
  // What a look that takes strings for what stands there would have passed over.
  write(two.path, `UPDATE _understudy_control SET applying = 1; UPDATE caller SET town = ${latin1("ZÜrich")} WHERE name = 'first'`);
  expect(compareReplicas([one.path, two.path]).equal).toBe(false);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test("a walk through a table goes on from the first such row, each row once and in its order", () => {
  const [one, two] = pair();
  write(
    one.path,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO caller SELECT 'n' || i, CASE i % 9 WHEN 8 THEN ${latin1("ü")} END, NULL FROM n`,
  );
  const [form] = readTableForms(one.database, []).forms;
  if (form === undefined) throw new Error("there is a table");
  const { rows } = readRange(one.database, form, { after: null, upTo: null }, { rows: 100, bytes: 1e6 });
  const keys = rows.map(({ key }) => String(decodeRow(key)[0]));
  expect(keys).toEqual([...new Set(keys)].toSorted());
  expect(keys).toHaveLength(41);
  expect(rows.filter(({ bytes }) => decodeRow(bytes)[1] === "\udcfc")).toHaveLength(4);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});

test.each(["UTF-16le", "UTF-16be"])("a database that keeps its texts as %s: whole texts are replicated", (encoding) => {
  const [one, two] = pair(encoding);
  write(
    one.path,
    "INSERT INTO caller VALUES ('Ä♫', '\u{1d11e}', '\ufffd'), ('b', char(0) || 'z', 'ü'); UPDATE caller SET name = 'B' WHERE name = 'b'",
  );
  exchangeAll([one, two]);
  expect(bytesIn(two.path)).toEqual(bytesIn(one.path));
  expect(bytesIn(two.path)).toHaveLength(3);
  one[Symbol.dispose]();
  two[Symbol.dispose]();
});
