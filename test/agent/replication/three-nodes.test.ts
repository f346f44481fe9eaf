import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { startReplication } from "../../../agent/replication/replication.ts";
import type { ReachablePeer } from "../../../agent/replication/thread-messages.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { mainPath, pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { LoopbackCluster, makeIdentity, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { seededRandom, shopAtRandom } from "./random-shopping.ts";

function settingsOf(node: TestNode): string[] {
  using shop = openShop(node.database);
  return shop
    .prepare("SELECT name FROM setting ORDER BY name")
    .all()
    .map((row) => String(row["name"]));
}

function writeSetting(node: TestNode, name: string): void {
  using shop = openShop(node.database);
  shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, 1)").run(name);
}

function heard(...nodes: readonly TestNode[]): readonly ReachablePeer[] {
  return nodes.map(({ nodeId }) => ({ nodeId, paths: [mainPath] }));
}

async function threeShops(local: readonly string[] = []): Promise<LoopbackCluster> {
  const cluster = await LoopbackCluster.make(3, local);
  createMusicShop(cluster.node(0).database);
  await cluster.start();
  return cluster;
}

test("three nodes, one database: the others join by snapshot, and what any process writes anywhere is everywhere", async () => {
  await using cluster = await threeShops();
  expect((await cluster.equal())["artist"]?.rows).toBe(3);
  expect(cluster.node(1).sawEvent("replication.snapshot-finished")?.rows).toBeGreaterThan(10);
  // Every node writes here, so each takes a part of the generated keys for itself, as it does when it becomes operational.
  for (const node of cluster.nodes) await node.replication?.becameOperational({ group: "default" as GroupName, epoch: 1 });
  for (const [index, node] of cluster.nodes.entries()) {
    using shop = openShop(node.database);
    shop.exec(
      `BEGIN; INSERT INTO artist (artist_id, name) VALUES (${100 + index}, 'from node ${index}'); INSERT INTO album VALUES (${100 + index}, ${100 + index}, 't'); COMMIT`,
    );
  }
  await waitFor("all writes everywhere", async () => (await cluster.node(0).replication?.digest("application"))?.["artist"]?.rows === 6);
  const digests = await cluster.equal();
  expect(digests["audit"]?.rows).toBe(6);
  for (const node of cluster.nodes) {
    await waitFor("acknowledgements", () => node.dataSet?.unacknowledged.changes === 0 && node.dataSet.behind === 0);
    expect(node.failures).toEqual([]);
  }
  expect(cluster.node(0).dataSet?.syncingWith).toEqual({ nodeId: cluster.node(1).nodeId, expected: true });
  for (const node of cluster.nodes) await node.stop();
  expect(compareReplicas(cluster.nodes.map((node) => node.database))).toMatchObject({ equal: true, tables: 6 });
});

test("random transactions on all nodes while nodes stop and start: all replicas end equal", async () => {
  await using cluster = await threeShops();
  const random = seededRandom(7);
  for (let round = 0; round < 30; round += 1) {
    const node = cluster.node(Math.floor(random() * 3));
    for (let count = 0; count < 3; count += 1) {
      using shop = openShop(node.database);
      shopAtRandom(shop, random);
    }
    if (round % 10 !== 4) continue;
    const away = cluster.node(Math.floor(random() * 3));
    await away.stop();
    using shop = openShop(away.database);
    shopAtRandom(shop, random);
    await away.start(cluster.document);
  }
  await waitFor(
    "all to have everything",
    () => cluster.nodes.every((node) => node.dataSet?.unacknowledged.changes === 0 && node.dataSet.behind === 0),
    15_000,
  );
  await cluster.equal();
});

test("the successor falls silent: bypassed at once; it returns with rows that it alone held: merged, caught up, failback", async () => {
  await using cluster = await threeShops();
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  await waitFor("the expected partner", () => first.dataSet?.syncingWith?.expected === true);
  first.replication?.reachableChanged(heard(third));
  await second.stop();
  await waitFor("the bypass", () => first.sawEvent("replication.bypass"), 3_000);
  expect(first.sawEvent("replication.bypass")).toMatchObject({
    expected: second.nodeId,
    using: third.nodeId,
    reason: "its heartbeats are missing",
  });
  await waitFor("the status", () => first.dataSet?.syncingWith?.nodeId === third.nodeId && !first.dataSet.syncingWith.expected);
  writeSetting(first, "while-away");
  writeSetting(second, "held-alone");
  await waitFor("the third to have it, so that the second really has something to catch up", () =>
    settingsOf(third).includes("while-away"),
  );
  await second.start(cluster.document);
  first.replication?.reachableChanged(heard(second, third));
  await waitFor("the failback", () => first.sawEvent("replication.failback"), 5_000);
  await waitFor("the merge", () => [first, third].flatMap((node) => node.sawEvent("replication.merged") ?? [])[0]);
  expect([first, third].flatMap((node) => node.sawEvent("replication.merged") ?? [])[0]).toMatchObject({
    from: second.nodeId,
    changes: 1,
    conflicts: 0,
  });
  await waitFor("the catch-up", () => second.sawEvent("replication.caught-up"));
  expect(second.sawEvent("replication.caught-up")).toMatchObject({ changes: 1 });
  await cluster.equal();
  expect(settingsOf(third)).toContain("held-alone");
});

test("nobody is left: said, counted as unacknowledged, and made good when a peer returns", async () => {
  await using cluster = await threeShops();
  await waitFor("a partner", () => cluster.node(0).dataSet?.syncingWith);
  await Promise.all([cluster.node(1).stop(), cluster.node(2).stop()]);
  await waitFor("the event", () => cluster.node(0).sawEvent("replication.no-peer"));
  writeSetting(cluster.node(0), "alone-1");
  writeSetting(cluster.node(0), "alone-2");
  await waitFor(
    "two at risk",
    () => cluster.node(0).dataSet?.unacknowledged.changes === 2 && cluster.node(0).dataSet?.syncingWith === undefined,
  );
  await waitFor("their age", () => (cluster.node(0).dataSet?.unacknowledged.oldestAgeMs ?? 0) > 300);
  await cluster.node(2).start(cluster.document);
  await waitFor("none at risk", () => cluster.node(0).dataSet?.unacknowledged.changes === 0);
  expect(settingsOf(cluster.node(2))).toContain("alone-2");
});

test("local tables never leave their node, and survive a join; the joiner's own database is kept beside it, and an application that has it open sees the new rows", async () => {
  await using cluster = await LoopbackCluster.make(2, ["secret"]);
  const secret = "only-for-this-machine";
  for (const [index, node] of cluster.nodes.entries()) {
    createMusicShop(node.database);
    using shop = openShop(node.database);
    shop.exec(
      `CREATE TABLE secret (note); INSERT INTO secret VALUES ('${secret} ${index}'); DELETE FROM artist WHERE artist_id > ${index + 1}`,
    );
  }
  using application = openShop(cluster.node(1).database);
  const count = application.prepare("SELECT count(*) AS artists FROM artist");
  expect(count.get()).toEqual({ artists: 2 });
  await cluster.start();
  expect(count.get()).toEqual({ artists: 1 });
  expect(application.prepare("SELECT note FROM secret").all()).toEqual([{ note: `${secret} 1` }]);
  // The rows that came are not this node's own: sent anew, they would undo what others have written since the snapshot.
  await waitFor("a status", () => Object.keys(cluster.node(1).dataSet?.vector ?? {}).length === 2);
  expect(Object.values(cluster.node(1).dataSet?.vector ?? {})).toEqual([0, 0]);
  application.exec("INSERT INTO setting VALUES ('after the swap', 1); INSERT INTO secret VALUES ('more')");
  await cluster.equal();
  expect(settingsOf(cluster.node(0))).toContain("after the swap");
  const kept = readdirSync(cluster.node(1).folder).find((file) => file.includes(".before-join-"));
  using old = openShop(`${cluster.node(1).folder}/${kept}`);
  expect(old.prepare("SELECT count(*) AS artists FROM artist").get()).toEqual({ artists: 2 });
});

test("a file that is missing everywhere is waited for; it appears on one node, and the others copy it", async () => {
  await using cluster = await LoopbackCluster.make(2);
  for (const node of cluster.nodes) await node.start(cluster.document);
  await waitFor("the reason", () => cluster.node(1).dataSet?.problem?.includes("does not exist yet"));
  expect(cluster.node(1).dataSet?.phase).toBe("waiting-for-database");
  createMusicShop(cluster.node(1).database);
  for (const node of cluster.nodes) await node.following();
  await cluster.equal();
  expect(existsSync(cluster.node(0).database)).toBe(true);
});

test("a table without a key is refused by name; declaring it local in a new document is enough", async () => {
  await using cluster = await LoopbackCluster.make(1);
  createMusicShop(cluster.node(0).database);
  using shop = openShop(cluster.node(0).database);
  shop.exec("CREATE TABLE keyless (x)");
  await cluster.node(0).start(cluster.document);
  await waitFor("the refusal", () => cluster.node(0).dataSet?.phase === "refused");
  expect(cluster.node(0).dataSet?.problem).toContain("table keyless has no primary key: declare it `local`");
  cluster.node(0).replication?.documentChanged({
    ...cluster.document,
    version: 2,
    dataSets: [{ kind: "sqlite", name: "application", local: ["keyless"] }],
  });
  await cluster.node(0).following();
  expect(cluster.node(0).dataSet?.problem).toBeUndefined();
});

test("a locked database keeps its phase and says so; what others wrote meanwhile arrives when it is free", async () => {
  await using cluster = await threeShops();
  using blocker = openShop(cluster.node(1).database);
  blocker.exec("BEGIN IMMEDIATE");
  writeSetting(cluster.node(0), "patience");
  await waitFor("the others", () => settingsOf(cluster.node(2)).includes("patience"));
  // The lock may be told before the others' word of what there is.
  const isTold = () =>
    cluster.node(1).dataSet?.problem?.includes("locked by another process") === true && cluster.node(1).dataSet?.behind === 1;
  await waitFor("the reason, and how much is missing", isTold, 10_000);
  expect(cluster.node(1).dataSet?.phase).toBe("following");
  blocker.exec("ROLLBACK");
  await cluster.equal();
  await waitFor("no problem", () => cluster.node(1).dataSet?.problem === undefined);
});

test("a file that is no database is refused with the next step; other nodes go on, and a right file is taken up by itself", async () => {
  await using cluster = await LoopbackCluster.make(2);
  createMusicShop(cluster.node(0).database);
  writeFileSync(cluster.node(1).database, "no database ".repeat(500));
  for (const node of cluster.nodes) await node.start(cluster.document);
  await cluster.node(0).following();
  await waitFor("the refusal", () => cluster.node(1).dataSet?.phase === "refused");
  expect(cluster.node(1).dataSet?.problem).toContain("is not an SQLite database");
  const { renameSync } = await import("node:fs");
  renameSync(cluster.node(1).database, `${cluster.node(1).database}.aside`);
  await cluster.node(1).following();
  await cluster.equal();
});

test("who is not in the document is turned away before a word; who leaves it is disconnected", async () => {
  await using cluster = await threeShops();
  const stranger = await makeIdentity("stranger");
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect({
      host: cluster.node(0).host,
      port: cluster.node(0).port,
      key: stranger.keyPem,
      cert: stranger.certificatePem,
      rejectUnauthorized: false,
    });
    socket.on("data", (bytes) => resolve(`heard ${bytes.length} bytes`));
    socket.on("close", () => resolve("closed"));
    socket.on("error", () => resolve("closed"));
  });
  expect(outcome).toBe("closed");
  await waitFor("the warning", () => cluster.node(0).warnings[0]);
  expect(cluster.node(0).warnings[0]).toContain("is not in version 1 of the cluster document");
  const [first, , third] = cluster.document.nodes;
  if (first === undefined || third === undefined) throw new Error("the document has three nodes");
  const smaller = { ...cluster.document, version: 2, nodes: [first, third] };
  for (const node of [cluster.node(0), cluster.node(2)]) node.replication?.documentChanged(smaller);
  await waitFor(
    "the new partner",
    () => cluster.node(0).dataSet?.syncingWith?.nodeId === third.nodeId && cluster.node(0).dataSet?.syncingWith?.expected,
  );
  writeSetting(cluster.node(0), "after-the-removal");
  await waitFor("the change", () => settingsOf(cluster.node(2)).includes("after-the-removal"));
  expect(settingsOf(cluster.node(1))).not.toContain("after-the-removal");
});

test("a port that is taken: the start is refused with the cause and the next step", async () => {
  await using cluster = await LoopbackCluster.make(1);
  const [node] = cluster.nodes as [TestNode];
  await node.start(cluster.document);
  const second = startReplication({
    nodeId: "node_99999999999999999999" as NodeId,
    identities: [node.identity],
    listen: { paths: pathsOf(node), port: node.port },
    dataDir: `${node.folder}/other`,
    dataSets: {},
    document: cluster.document,
    onStatus: () => undefined,
    onEvent: () => undefined,
    onFailure: () => undefined,
  });
  await expect(second).rejects.toThrow(/cannot listen on 127\.[\d.]+:\d+ .*another process holds the port/);
});
