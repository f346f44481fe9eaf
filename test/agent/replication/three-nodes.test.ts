import { expect, test } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { LoopbackCluster, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

test("three nodes, one database: the others join by snapshot, and what any process writes anywhere is everywhere", async () => {
  await using cluster = await LoopbackCluster.make(3);
  createMusicShop(cluster.node(0).database);
  await cluster.start();
  expect((await cluster.equal())["artist"]?.rows).toBe(3);
  expect(cluster.node(1).sawEvent("replication.snapshot-finished")?.rows).toBeGreaterThan(10);
  // Every node writes here, so each takes a part of the generated keys for itself, as it does when it becomes operational.
  for (const node of cluster.nodes) await node.replication?.becameOperational();
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
