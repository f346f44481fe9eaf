import { expect, test } from "vitest";
import { LoopbackCluster, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

test("a node is away, and the log that is kept for it fills up: it is told before the first of it goes, and the node still comes back without a copy", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  first.log = { logChangesMax: 1_000, logAgeMsMin: 0 };
  createMusicShop(first.database);
  await cluster.start();
  await second.stop();
  const write = (times: number): void => {
    using shop = openShop(first.database);
    for (let time = 0; time < times; time += 1) shop.prepare("UPDATE setting SET value = ? WHERE name = 'theme'").run(`${time}`);
  };
  write(700);
  await waitFor("their numbers to be written down", () => (first.dataSet?.unacknowledged.changes ?? 0) >= 700);
  expect(first.sawEvent("replication.log-filling")).toBeUndefined();
  write(250);
  const told = await waitFor("the event", () => first.sawEvent("replication.log-filling"), 30_000);
  expect(told).toMatchObject({ dataSet: "application", node: second.nodeId, of: "changes" });
  expect(told?.usedPercent).toBeGreaterThanOrEqual(80);

  await second.start(cluster.document);
  await waitFor("the node to have caught up", () => second.sawEvent("replication.caught-up"));
  expect(second.sawEvent("replication.resync-started")).toBeUndefined();
});
