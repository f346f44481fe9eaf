import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { UndoneJoins } from "../../../agent/replication/undone-joins.ts";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

vi.setConfig({ testTimeout: 30_000 });

const undo = { kind: "undo" } as const;
const rejoin = { kind: "rejoin" } as const;

/** The second node had a shop of its own, whose contents its join has replaced. */
async function joinedShop(): Promise<LoopbackCluster> {
  const cluster = await LoopbackCluster.make(2, ["setting"]);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createMusicShop(first.database);
  await first.start(cluster.document);
  await first.following();
  createMusicShop(second.database);
  sell(second, "Only here before");
  await second.start(cluster.document);
  await second.following();
  await cluster.equal();
  return cluster;
}

function sell(node: TestNode, name: string): void {
  using shop = openShop(node.database);
  shop.prepare("INSERT INTO artist (name) VALUES (?)").run(name);
}

function artists(path: string): string[] {
  using shop = new DatabaseSync(path);
  return shop
    .prepare("SELECT name FROM artist WHERE artist_id > 3 ORDER BY name")
    .all()
    .map(({ name }) => String(name));
}

test.concurrent("undo: what the join replaced stands there again, but for local tables; the node takes no part, also after a restart, until it rejoins", async () => {
  await using cluster = await joinedShop();
  const [first, second] = [cluster.node(0), cluster.node(1)];
  {
    using shop = openShop(second.database);
    shop.exec("UPDATE setting SET value = 7 WHERE name = 'Volume'");
  }
  const before = await second.replication?.data({ kind: "backups" });
  expect(before).toMatchObject({ dataSet: "application", path: second.database, undoneAt: null });
  expect(before?.backups.map(({ file }) => artists(file))).toEqual([["Only here before"]]);

  const undone = await second.replication?.data(undo);
  expect(undone?.undoneAt).not.toBeNull();
  expect(artists(second.database)).toEqual(["Only here before"]);
  {
    using shop = openShop(second.database);
    expect(shop.prepare("SELECT value FROM setting WHERE name = 'Volume'").get()).toEqual({ value: 7 });
    // Nothing of the agent's is left: an application that goes on alone writes no log that nobody reads.
    expect(shop.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '~_understudy%' ESCAPE '~'").all()).toEqual([]);
  }
  await waitFor("the reason", () => second.sawEvent("replication.refused")?.reason.includes("was undone here at"));
  sell(first, "While it was out");
  await second.stop();
  await second.start(cluster.document);
  await sleep(1_500);
  expect(second.dataSet).toMatchObject({ phase: "refused", problem: expect.stringContaining("understudy agent data rejoin") });
  expect(artists(second.database)).toEqual(["Only here before"]);
  await expect(second.replication?.data(undo)).rejects.toThrow("was undone already");

  expect(await second.replication?.data(rejoin)).toMatchObject({ undoneAt: null });
  await second.following();
  await cluster.equal();
  expect(artists(second.database)).toEqual(["While it was out"]);
  expect((await second.replication?.data({ kind: "backups" }))?.backups).toHaveLength(2);
  sell(second, "After it is back");
  await waitFor("it there", () => artists(first.database).includes("After it is back"));
  await expect(second.replication?.data(rejoin)).rejects.toThrow("takes part in data set application");
});

test.concurrent("undo: refused with the reason, and nothing changes, where the database is locked, or has changes that no other node has", async () => {
  await using cluster = await joinedShop();
  const [first, second] = [cluster.node(0), cluster.node(1)];
  await expect(first.replication?.data(undo)).rejects.toThrow("no join has replaced anything");
  {
    using shop = openShop(second.database);
    shop.exec("BEGIN IMMEDIATE");
    await expect(second.replication?.data(undo)).rejects.toThrow("is locked by another process");
    shop.exec("ROLLBACK");
  }
  await second.following();
  expect(await second.replication?.data({ kind: "backups" })).toMatchObject({ undoneAt: null });
  await first.stop();
  sell(second, "Only here now");
  await waitFor("it in the log", () => second.dataSet?.unacknowledged.changes === 2);
  await expect(second.replication?.data(undo)).rejects.toThrow("2 changes are here that no other node has yet");
  expect(artists(second.database)).toEqual(["Only here now"]);
  expect(second.dataSet?.phase).toBe("following");
});

test.concurrent("undo: a note of it that cannot be read stops the start, since to join again would replace what was put back", async () => {
  await using cluster = await LoopbackCluster.make(1);
  const { folder } = cluster.node(0);
  const undone = new UndoneJoins(folder);
  await undone.note("application", "2026-01-02T03:04:05.678Z");
  expect(new UndoneJoins(folder).since("application")).toBe("2026-01-02T03:04:05.678Z");
  const file = join(folder, "undone-joins.json");
  writeFileSync(file, readFileSync(file, "utf8").slice(0, 9));
  expect(() => new UndoneJoins(folder)).toThrow("restore it, or remove it");
});
