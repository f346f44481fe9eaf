import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readVector } from "../../../agent/replication/change-log-tables.ts";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

let folder = "";
let paths: [string, string] = ["", ""];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-unique-"));
  paths = [join(folder, "one.sqlite"), join(folder, "two.sqlite")];
  createMusicShop(paths[0]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, sql: string): void {
  using shop = openShop(path);
  shop.exec(sql);
}

test("unique: a server has forgotten when the standing row was written, since all have it; the displaced one stays displaced there too, and no origin without a name gets into the vector", () => {
  using one = OfflineReplica.source(paths[0]);
  using two = OfflineReplica.copyOf(one, paths[1], 1);
  write(paths[0], "INSERT INTO artist (artist_id, name) VALUES (10, 'Abba')");
  write(paths[1], "INSERT INTO artist (artist_id, name) VALUES (11, 'Abba')");
  exchangeAll([one, two]);
  exchangeAll([one, two]);
  expect(two.prune([one, two])).toBeGreaterThan(0);
  write(paths[0], "UPDATE artist SET rating = 3 WHERE artist_id = 1");
  exchangeAll([one, two]);
  // A peer refuses a stream whose vector names an origin that cannot be.
  for (const { database } of [one, two]) expect(Object.keys(readVector(database))).not.toContain("");
  expect(two.database.all("SELECT artist_id FROM artist WHERE name = 'Abba'")).toEqual([{ artist_id: 11n }]);
  expect(compareReplicas(paths).differences).toEqual([]);
});

test("unique: the standing row goes in the first of several slices of own writes: the displaced one is back after the last, and not before", () => {
  using one = OfflineReplica.source(paths[0]);
  using two = OfflineReplica.copyOf(one, paths[1], 1);
  write(paths[0], "INSERT INTO artist (artist_id, name) VALUES (10, 'Abba')");
  write(paths[1], "INSERT INTO artist (artist_id, name) VALUES (11, 'Abba')");
  exchangeAll([one, two]);
  write(paths[1], "DELETE FROM artist WHERE artist_id = 11; INSERT INTO setting VALUES ('a', 1), ('b', 2)");
  const standing = () => two.database.all("SELECT artist_id FROM artist WHERE name = 'Abba'");
  const slices = [0, 1, 2].map(() => ({ owed: two.take([], { entriesMax: 1 }).owed, standing: standing() }));
  expect(slices).toEqual([
    { owed: 2, standing: [] },
    { owed: 1, standing: [] },
    { owed: 0, standing: [{ artist_id: 10n }] },
  ]);
  exchangeAll([one, two]);
  expect(compareReplicas(paths).differences).toEqual([]);
});
