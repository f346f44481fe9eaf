import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { ConflictDesk } from "../../../agent/replication/conflict-desk.ts";
import type { ConflictDetail, ConflictLine, ConflictRequest } from "../../../agent/replication/conflict-record.ts";
import type { TableConflicts } from "../../../shared/domain/replication/conflict-policy.ts";
import { exchangeAll } from "./offline-replica.ts";
import { seededRandom, shopAtRandom } from "./random-shopping.ts";
import { type ThreeShops, threeShops, writeAndMeet, writeLater } from "./three-shops.ts";

const tables = ["artist", "album", "track", "setting", "playlist", "audit", "device"];
const byColumns: readonly TableConflicts[] = tables.map((table) => ({ table, policy: "columns" }));

let folder = "";
let servers: ThreeShops | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-columns-"));
});
afterEach(() => {
  for (const replica of servers?.replicas ?? []) replica[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function three(sql?: string): ThreeShops["replicas"] {
  servers = threeShops(folder, byColumns, sql);
  return servers.replicas;
}

const pathOf = (server: number): string => servers?.paths[server] ?? "";
const writes = (server: number, sql: string): void => writeLater(pathOf(server), sql);

/** What all servers have in place of this row. */
function everywhere(sql: string): unknown {
  expect(compareReplicas(servers?.paths ?? []).differences).toEqual([]);
  return servers?.replicas[0].database.all(sql).map((row) => Object.values(row));
}

const ask = async (server: number, request: ConflictRequest): Promise<unknown> =>
  new ConflictDesk(() => [{ name: "application", path: pathOf(server), following: true, identity: {} }]).answer(request);

async function lost(server: number): Promise<readonly ConflictDetail[]> {
  const lines = (await ask(server, { kind: "list", limit: 50 })) as readonly ConflictLine[];
  return await Promise.all(lines.map(async ({ id }) => (await ask(server, { kind: "show", id })) as ConflictDetail));
}

test("what two servers change apart in different columns of one row stands everywhere: BLOBs, NULLs, 64 bits, composite keys, WITHOUT ROWID", async () => {
  const all = three();
  writes(0, "UPDATE artist SET picture = x'00ff00', anything = -9223372036854775808 WHERE artist_id = 1");
  writes(1, "UPDATE artist SET rating = NULL WHERE artist_id = 1");
  writes(2, "UPDATE artist SET name = 'ACCEPT' WHERE artist_id = 1");
  writes(0, "UPDATE track SET name = 'a' WHERE album_id = 1 AND position = 2");
  writes(1, "UPDATE track SET milliseconds = 9223372036854775807 WHERE album_id = 1 AND position = 2");
  exchangeAll(all);
  expect(everywhere("SELECT name, rating, hex(picture), anything FROM artist WHERE artist_id = 1")).toEqual([
    ["ACCEPT", null, "00FF00", -(2n ** 63n)],
  ]);
  expect(everywhere("SELECT name, milliseconds FROM track WHERE album_id = 1 AND position = 2")).toEqual([["a", 2n ** 63n - 1n]]);
  for (const server of [0, 1, 2]) expect(await lost(server)).toEqual([]);
});

test("of one column the later write stands; the other is in every journal with that column alone, and re-applied it takes nothing else along", async () => {
  const all = three();
  writes(0, "UPDATE artist SET rating = 1, anything = 'of the first' WHERE artist_id = 1");
  writes(1, "UPDATE artist SET rating = 2 WHERE artist_id = 1");
  exchangeAll(all);
  expect(everywhere("SELECT rating, anything FROM artist WHERE artist_id = 1")).toEqual([[2, "of the first"]]);
  for (const server of [0, 1, 2]) {
    const [line, ...others] = await lost(server);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ reason: "same-row", isOpen: false, loser: { row: { artist_id: 1, rating: 1 } } });
    expect(Object.keys(line?.loser.row ?? {})).toEqual(["artist_id", "rating"]);
  }
  const [line] = await lost(2);
  writes(2, "UPDATE artist SET anything = 'of the third' WHERE artist_id = 1");
  await ask(2, { kind: "reapply", id: line?.id ?? 0 });
  await expect(ask(1, { kind: "reapply", id: (await lost(1))[0]?.id ?? 0, newKey: true })).rejects.toThrow(/only some columns/);
  exchangeAll(all);
  expect(everywhere("SELECT rating, anything FROM artist WHERE artist_id = 1")).toEqual([[1, "of the third"]]);
});

test("a value that only changes its type, or its letters' case, is a change; an update that changes nothing is none", () => {
  const all = three();
  const [first, second] = all;
  writes(0, "UPDATE artist SET anything = 1 WHERE artist_id = 2");
  writes(0, "UPDATE setting SET name = 'VOLUME' WHERE name = 'volume'");
  writes(1, "UPDATE setting SET value = 12 WHERE name = 'volume'");
  exchangeAll(all);
  expect(everywhere("SELECT name, value FROM setting WHERE name = 'volume'")).toEqual([["VOLUME", 12n]]);
  expect(everywhere("SELECT typeof(anything) FROM artist WHERE artist_id = 2")).toEqual([["integer"]]);
  writes(0, "UPDATE artist SET anything = 1, name = name WHERE artist_id = 2");
  expect(first.changesFor(second)).toEqual([]);
});

test("a row that is deleted on one server and changed on another: the later of both decides, alike everywhere, and the other is in the journals", async () => {
  const all = three();
  writes(0, "UPDATE setting SET value = 'changed' WHERE name = 'theme'");
  writes(1, "DELETE FROM setting WHERE name = 'theme'");
  writes(1, "DELETE FROM setting WHERE name = 'volume'");
  writes(2, "UPDATE setting SET value = 12 WHERE name = 'volume'");
  exchangeAll(all);
  expect(everywhere("SELECT * FROM setting")).toEqual([["Volume", 12n]]);
  for (const server of [0, 1, 2]) {
    const losers = (await lost(server)).map(({ loser }) => loser.row);
    expect(losers).toEqual(expect.arrayContaining([null, { name: "theme", value: "changed" }]));
  }
});

test("what two changes come to may break a CHECK, a unique value or a foreign key: it ends the same everywhere", () => {
  const all = three(
    "CREATE TABLE device (id INTEGER PRIMARY KEY, low, high, serial UNIQUE, album_id REFERENCES album (album_id), CHECK (low <= high)); INSERT INTO device VALUES (1, 1, 9, 'a', 3), (2, 1, 9, 'b', 3)",
  );
  writes(0, "UPDATE device SET low = 8 WHERE id = 1");
  writes(1, "UPDATE device SET high = 2 WHERE id = 1");
  writes(0, "UPDATE device SET serial = 'c' WHERE id = 1");
  writes(2, "UPDATE device SET serial = 'c' WHERE id = 2");
  writes(1, "UPDATE device SET low = 2 WHERE id = 2");
  writes(0, "UPDATE device SET album_id = 2 WHERE id = 2");
  writes(2, "DELETE FROM album WHERE album_id = 2");
  exchangeAll(all);
  exchangeAll(all);
  // The first device waits for its serial number, as it came out.
  expect(everywhere("SELECT * FROM device")).toEqual([[2n, 2n, 9n, "c", 2n]]);
  writes(1, "DELETE FROM device WHERE id = 2");
  exchangeAll(all);
  exchangeAll(all);
  expect(everywhere("SELECT * FROM device")).toEqual([[1n, 8n, 2n, "c", 3n]]);
});

test("servers whose tables have a new column, or another policy, at different times end alike, with what each changed", () => {
  const all = three();
  const [first, second, third] = all;
  const alter = "ALTER TABLE playlist ADD COLUMN mood TEXT DEFAULT 'calm'";
  writes(0, alter);
  writes(1, alter);
  first.renew();
  second.renew();
  writes(0, "UPDATE playlist SET mood = 'wild' WHERE owner = 'ann'");
  writes(2, "UPDATE playlist SET title = 'dawn' WHERE owner = 'bob'");
  writes(1, "UPDATE playlist SET price = 2 WHERE owner = 'ann'");
  first.meet(second);
  first.meet(third);
  expect(() => third.meet(first)).toThrow(/has no column mood here/);
  writes(2, alter);
  exchangeAll(all);
  expect(everywhere("SELECT title, price, mood FROM playlist ORDER BY owner DESC")).toEqual([
    ["dawn", 5, "calm"],
    ["morning", 2, "wild"],
  ]);
  second.declare([]);
  writes(0, "UPDATE playlist SET mood = 'sad' WHERE owner = 'ann'");
  writes(1, "UPDATE playlist SET price = 3 WHERE owner = 'ann'");
  writes(2, "UPDATE playlist SET price = 4 WHERE owner = 'ann'");
  exchangeAll(all);
  // The second wrote the row as a whole, later than the first and before the third.
  expect(everywhere("SELECT price, mood FROM playlist WHERE owner = 'ann'")).toEqual([[4, "wild"]]);
});

test("what says of which write each column is goes with the log", () => {
  const all = three();
  for (let round = 0; round < 3; round += 1) {
    writes(round, `UPDATE artist SET rating = ${round}`);
    writes((round + 1) % 3, `UPDATE artist SET picture = x'0${round}'`);
    exchangeAll(all);
  }
  exchangeAll(all);
  for (const replica of all) replica.prune(all);
  for (const { database } of all) {
    expect(database.number("SELECT count(*) FROM _understudy_column_write")).toBe(0);
    expect(database.number("SELECT count(*) FROM _understudy_rival")).toBe(0);
    expect(database.number("SELECT count(*) FROM _understudy_log")).toBe(0);
  }
});

/** Updates of single columns, beside all that shopping does. */
function tidyAtRandom(shop: DatabaseSync, random: () => number): void {
  const upTo = (count: number) => Math.floor(random() * count) + 1;
  const pick = <Value>(values: readonly Value[]): Value => values[upTo(values.length) - 1] as Value;
  const [row, value] = [upTo(6), random()];
  const statements: readonly (() => unknown)[] = [
    () => shop.prepare("UPDATE artist SET rating = ? WHERE artist_id = ?").run(value, row),
    () => shop.prepare("UPDATE artist SET anything = ? WHERE artist_id = ?").run(pick([null, 1, 1.5, "x", Buffer.from([0])]), row),
    () => shop.prepare("UPDATE artist SET picture = ? WHERE artist_id = ?").run(Buffer.from([row]), row),
    () => shop.prepare("UPDATE track SET name = ? WHERE position = ?").run(`t${value}`, upTo(3)),
    () => shop.prepare("UPDATE track SET milliseconds = ? WHERE position = ?").run(row, upTo(3)),
    () => shop.prepare("UPDATE playlist SET price = ? WHERE owner = ?").run(value, pick(["ann", "bob"])),
    () => shop.prepare("UPDATE album SET title = ? WHERE album_id = ?").run(`a${value}`, upTo(5)),
  ];
  pick(statements)();
}

test.each(Array.from({ length: 6 }, (_, index) => index + 1))(
  "three servers write the same rows and columns at random and meet at random, dropping what all have: all replicas end equal, seed %i",
  (seed) => {
    const random = seededRandom(seed);
    const all = three();
    if (servers === undefined) throw new Error("there are three servers");
    writeAndMeet(servers, 80, random, (shop) => (random() < 0.5 ? shopAtRandom(shop, random) : tidyAtRandom(shop, random)));
    exchangeAll(all);
    exchangeAll(all);
    expect(compareReplicas(servers.paths).differences).toEqual([]);
  },
);
