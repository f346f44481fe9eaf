import { expect, test, vi } from "vitest";
import { Barriers, type BarrierView } from "../../../agent/replication/barrier.ts";
import type { NodeId, OriginId } from "../../../shared/domain/ids.ts";
import { LoopbackCluster, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

vi.setConfig({ testTimeout: 30_000 });

test("passes when another node has it on its disk, and says who; while nobody can be reached it fails in time and says what is lacking", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createMusicShop(first.database);
  await cluster.start();
  using shop = openShop(first.database);
  shop.exec("INSERT INTO setting VALUES ('before the barrier', 1)");
  const passed = await first.replication?.barrier("application", 10_000);
  expect(passed?.heldBy).toEqual([second.nodeId]);
  using replica = openShop(second.database);
  expect(replica.prepare("SELECT value FROM setting WHERE name = 'before the barrier'").get()).toEqual({ value: 1 });

  await second.stop();
  shop.exec("INSERT INTO setting VALUES ('after it', 2), ('and another', 3)");
  await expect(first.replication?.barrier("application", 300)).rejects.toThrow(`${second.nodeId} lacks 2`);
  await expect(first.replication?.barrier("other", 300)).rejects.toThrow("there is no data set other on this node");
  const later = first.replication?.barrier("application", 20_000);
  await second.start(cluster.document);
  expect((await later)?.heldBy).toEqual([second.nodeId]);
});

test("a cluster of one has nobody to hold it", async () => {
  await using cluster = await LoopbackCluster.make(1);
  const alone = cluster.node(0);
  createMusicShop(alone.database);
  await alone.start(cluster.document);
  await waitFor("its database", () => alone.dataSet?.phase === "following");
  await expect(alone.replication?.barrier("application", 100)).rejects.toThrow("there is no other");
});

test("counts what was committed before it alone, and members alone", async () => {
  const [own, member, former] = ["node_a:1" as OriginId, "node_b" as NodeId, "node_c" as NodeId];
  let view: BarrierView = { origin: own, vector: { [own]: 5 }, others: [member], known: { [former]: { [own]: 9 } } };
  const barriers = new Barriers();
  const passed = barriers.wait(() => view, 5_000);
  const settled = vi.fn();
  void passed.then(settled);
  view = { ...view, vector: { [own]: 8 }, known: { ...view.known, [member]: { [own]: 4 } } };
  barriers.look();
  await Promise.resolve();
  expect(settled).not.toHaveBeenCalled();
  view = { ...view, known: { ...view.known, [member]: { [own]: 5 } } };
  barriers.look();
  expect((await passed).heldBy).toEqual([member]);
});
