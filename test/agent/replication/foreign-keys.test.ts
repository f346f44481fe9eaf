import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { createForeignKeyDatabase } from "../../system/foreign-key-database.ts";
import { LoopbackCluster, waitFor } from "./loopback-cluster.ts";
import { kill, startProcess, startScript } from "./process-node.ts";

// Processes are started and killed here; a busy machine takes its time for that.
vi.setConfig({ testTimeout: 60_000 });

test("a catalogue with foreign keys, written by applications of their own on all servers; the holder is killed and returns: all replicas equal row by row", async () => {
  await using cluster = await LoopbackCluster.make(3);
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  createForeignKeyDatabase(second.database);
  await first.start(cluster.document);
  let agent = await startProcess(cluster, second);
  await third.start(cluster.document);
  using _ = { [Symbol.dispose]: () => agent.kill("SIGKILL") };
  for (const node of [first, third]) await node.following(20_000);
  // The one that was operational: its application and its agent die together, in the middle of a write; another server goes on.
  const application = await startScript("catalogue-application.ts", second.database, "2");
  await pause(1_500);
  await Promise.all([kill(application), kill(agent)]);
  const successor = await startScript("catalogue-application.ts", third.database, "3");
  await pause(1_500);
  agent = await startProcess(cluster, second);
  await pause(1_000);
  await kill(successor);
  await cluster.equal(20_000);
  await waitFor(
    "the returned one to have all, and the others what it alone held",
    () => [first, third].every(({ dataSet }) => dataSet?.behind === 0 && dataSet.unacknowledged.changes === 0) && everywhereEqual(cluster),
    20_000,
  );
  const written = (origin: number) => count(first.database, `artist WHERE artist_id / 1000000 = ${origin}`);
  expect(Math.min(written(2), written(3))).toBeGreaterThan(10);
  // What was written on both sides apart may leave a child without its parent, but on all of them the same one.
  expect(new Set(cluster.nodes.map(({ database }) => count(database, "pragma_foreign_key_check"))).size).toBe(1);
  expect(cluster.nodes.flatMap(({ failures }) => failures)).toEqual([]);
});

function everywhereEqual(cluster: LoopbackCluster): boolean {
  return compareReplicas(cluster.nodes.map(({ database }) => database)).equal;
}

function count(path: string, what: string): number {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return Number(database.prepare(`SELECT count(*) AS count FROM ${what}`).get()?.["count"]);
  } finally {
    database.close();
  }
}
