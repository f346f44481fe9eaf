import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { ConflictDesk } from "../../../agent/replication/conflict-desk.ts";
import type { ConflictDetail, ConflictLine } from "../../../agent/replication/conflict-record.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { exchangeAll, OfflineReplica } from "./offline-replica.ts";

let folder = "";
let paths: [string, string] = ["", ""];
let one: OfflineReplica;
let two: OfflineReplica;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-conflicts-"));
  paths = [join(folder, "one.sqlite"), join(folder, "two.sqlite")];
  createMusicShop(paths[0]);
  one = OfflineReplica.source(paths[0]);
  two = OfflineReplica.copyOf(one, paths[1], 1);
});
afterEach(() => {
  one[Symbol.dispose]();
  two[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const deskOf = (path: string): ConflictDesk => new ConflictDesk(() => [{ name: "application", path, following: true, identity: {} }]);
const listed = async (desk: ConflictDesk, before?: number, limit = 50): Promise<readonly ConflictLine[]> =>
  (await desk.answer({ kind: "list", before, limit })) as readonly ConflictLine[];
const shown = async (desk: ConflictDesk, id: number): Promise<ConflictDetail> =>
  (await desk.answer({ kind: "show", id })) as ConflictDetail;
const reapplied = async (desk: ConflictDesk, id: number): Promise<ConflictDetail> =>
  (await desk.answer({ kind: "reapply", id })) as ConflictDetail;

/** Each of the two writes without knowing of the other; then they meet. */
function writeApart(first: string, second: string): void {
  for (const [path, sql] of [
    [paths[0], first],
    [paths[1], second],
  ] as const) {
    using shop = openShop(path);
    shop.exec(sql);
  }
  exchangeAll([one, two]);
}

test("lists the loser on each node, shows both sides with every kind of value, and what stands now", async () => {
  writeApart(
    "UPDATE artist SET rating = 1.5, picture = x'0102', anything = 9007199254740993 WHERE artist_id = 1",
    "UPDATE artist SET rating = NULL, picture = NULL, anything = 'later' WHERE artist_id = 1",
  );
  for (const path of paths) {
    const [line, ...others] = await listed(deskOf(path));
    expect(others).toEqual([]);
    expect(line).toMatchObject({ dataSet: "application", id: 1, reason: "same-row", table: "artist", key: [1], reappliedAt: null });
    expect(line?.winnerOrigin).toContain("node_00000000000000000001:");
    expect(line?.loserOrigin).toContain("node_00000000000000000000:");
    const { winner, loser, now } = await shown(deskOf(path), 1);
    const row = { artist_id: 1, name: "Accept" };
    expect(loser.row).toEqual({ ...row, rating: 1.5, picture: { base64: "AQI=" }, anything: { integer: "9007199254740993" } });
    expect(winner?.row).toEqual({ ...row, rating: null, picture: null, anything: "later" });
    expect(now).toEqual(winner?.row);
    expect(Date.parse(loser.writtenAt ?? "")).toBeLessThanOrEqual(Date.parse(winner?.writtenAt ?? ""));
  }
});

test("re-applied, the loser is a new write: every node takes it, and nobody journals it as a conflict", async () => {
  writeApart("UPDATE setting SET value = 'first' WHERE name = 'theme'", "UPDATE setting SET value = 'second' WHERE name = 'theme'");
  const { now, reappliedAt } = await reapplied(deskOf(paths[0]), 1);
  expect(now).toEqual({ name: "theme", value: "first" });
  expect(reappliedAt).not.toBeNull();
  exchangeAll([one, two]);
  expect(two.database.get("SELECT value FROM setting WHERE name = 'theme'")).toEqual({ value: "first" });
  expect(compareReplicas(paths).equal).toBe(true);
  for (const path of paths) expect(await listed(deskOf(path))).toHaveLength(1);
  await expect(reapplied(deskOf(paths[0]), 1)).rejects.toThrow("conflict 1 was re-applied already, at ");
});

test("a deletion that lost can be re-applied as well, and a row that lost to a deletion", async () => {
  writeApart("DELETE FROM setting WHERE name = 'theme'", "UPDATE setting SET value = 'kept' WHERE name = 'theme'");
  expect((await shown(deskOf(paths[0]), 1)).loser.row).toBeNull();
  expect((await reapplied(deskOf(paths[0]), 1)).now).toBeNull();
  exchangeAll([one, two]);
  expect(two.database.get("SELECT 1 FROM setting WHERE name = 'theme'")).toBeUndefined();

  writeApart("UPDATE setting SET value = 12 WHERE name = 'Volume'", "DELETE FROM setting WHERE name = 'volume'");
  const [newest] = await listed(deskOf(paths[1]));
  expect((await shown(deskOf(paths[1]), newest?.id ?? 0)).winner?.row).toBeNull();
  expect((await reapplied(deskOf(paths[1]), newest?.id ?? 0)).now).toEqual({ name: "Volume", value: 12 });
  exchangeAll([one, two]);
  expect(compareReplicas(paths).equal).toBe(true);
});

test("what the table does not take is refused with its reason, and nothing changes: a unique value, a parent that is gone", async () => {
  writeApart("INSERT INTO artist (artist_id, name) VALUES (100, 'Same')", "INSERT INTO artist (artist_id, name) VALUES (200, 'Same')");
  // The application's own trigger counted both in its audit: that is a conflict, too.
  const unique = (await listed(deskOf(paths[0]))).find(({ reason }) => reason === "unique-value");
  expect(unique).toMatchObject({ table: "artist", key: [100] });
  await expect(reapplied(deskOf(paths[0]), unique?.id ?? 0)).rejects.toThrow(/does not take the row as it was: UNIQUE constraint failed/);

  writeApart("UPDATE album SET title = 'lost' WHERE album_id = 2", "UPDATE album SET title = 'won' WHERE album_id = 2");
  const [orphan] = await listed(deskOf(paths[0]));
  writeApart("DELETE FROM artist WHERE artist_id = 2", "SELECT 1");
  await expect(reapplied(deskOf(paths[0]), orphan?.id ?? 0)).rejects.toThrow(/FOREIGN KEY constraint failed/);
  expect((await shown(deskOf(paths[0]), orphan?.id ?? 0)).reappliedAt).toBeNull();
  expect(one.database.get("SELECT 1 FROM album WHERE album_id = 2")).toBeUndefined();
});

test("pages are newest first; an unknown number, data set or state is told", async () => {
  for (const value of ["1", "2", "3"]) {
    writeApart(
      `UPDATE setting SET value = 'a${value}' WHERE name = 'theme'`,
      `UPDATE setting SET value = 'b${value}' WHERE name = 'theme'`,
    );
  }
  const desk = deskOf(paths[0]);
  expect((await listed(desk, undefined, 2)).map(({ id }) => id)).toEqual([3, 2]);
  expect((await listed(desk, 2, 2)).map(({ id }) => id)).toEqual([1]);
  await expect(shown(desk, 4)).rejects.toThrow("the journal has no conflict 4");
  await expect(desk.answer({ kind: "show", dataSet: "other", id: 1 })).rejects.toThrow("there is no data set other on this node");
  const waiting = new ConflictDesk(() => [{ name: "application", path: paths[0], following: false, identity: {} }]);
  await expect(shown(waiting, 1)).rejects.toThrow("data set application is not in step on this node");
  const several = new ConflictDesk(() => ["calls", "prompts"].map((name) => ({ name, path: paths[0], following: true, identity: {} })));
  await expect(shown(several, 1)).rejects.toThrow("say which (calls, prompts)");
  expect((await listed(several)).map(({ dataSet, id }) => `${dataSet} ${id}`)).toHaveLength(6);
});

test("an application that holds its lock is waited for", async () => {
  writeApart("UPDATE setting SET value = 'first' WHERE name = 'theme'", "UPDATE setting SET value = 'second' WHERE name = 'theme'");
  using shop = openShop(paths[0]);
  shop.exec("BEGIN IMMEDIATE");
  const answer = reapplied(deskOf(paths[0]), 1);
  setTimeout(() => shop.exec("COMMIT"), 200);
  expect((await answer).now).toEqual({ name: "theme", value: "first" });
});

test("a journal from before it knew the rows' forms still lists and shows, and is not re-applied blindly", async () => {
  writeApart("UPDATE setting SET value = 'first' WHERE name = 'theme'", "UPDATE setting SET value = 'second' WHERE name = 'theme'");
  for (const column of ["winner_shape", "loser_shape", "reapplied_at"])
    one.database.exec(`ALTER TABLE _understudy_conflict DROP COLUMN ${column}`);
  one[Symbol.dispose]();
  one = OfflineReplica.source(paths[0]);
  expect((await shown(deskOf(paths[0]), 1)).loser.row).toEqual({ "column 1": "theme", "column 2": "first" });
  await expect(reapplied(deskOf(paths[0]), 1)).rejects.toThrow("the journal does not have the form of conflict 1's row");
});
