import { expect, test } from "vitest";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

function write(node: TestNode, name: string): void {
  using shop = openShop(node.database);
  shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, 1)").run(name);
}

async function shops(size: number): Promise<LoopbackCluster> {
  const cluster = await LoopbackCluster.make(size);
  createMusicShop(cluster.node(0).database);
  await cluster.start();
  await waitFor("partners", () => cluster.nodes.every((node) => node.dataSet?.syncingWith?.expected === true));
  return cluster;
}

/** Keeps the database locked, as an application that starts with the server may, until disposed of. */
function lockOf(node: TestNode): Disposable {
  const blocker = openShop(node.database);
  blocker.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => blocker.close() };
}

test("a node returns with rows that it alone held: whoever takes them from it tells that it merged them, each row once", async () => {
  await using cluster = await shops(3);
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  await second.stop();
  write(second, "alone 1");
  write(second, "alone 2");
  await second.start(cluster.document);
  // The other may have had them by way of the first one before it heard of the return.
  const merged = await waitFor("the event", () => [first, third].flatMap((node) => node.sawEvent("replication.merged") ?? [])[0]);
  expect(merged).toMatchObject({ from: second.nodeId, changes: 2, conflicts: 0 });
  expect(second.sawEvent("replication.merged")).toBeUndefined();
});

test("a node returns while its application keeps the database locked: merged is told once it could be opened", async () => {
  await using cluster = await shops(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  await second.stop();
  write(first, "meanwhile");
  write(second, "meanwhile");
  write(second, "alone");
  {
    using _ = lockOf(second);
    await second.start(cluster.document);
    await waitFor("the stream", () => first.dataSet?.syncingWith !== undefined && second.dataSet?.syncingWith !== undefined);
    // The first words are exchanged by now, and the returned node had nothing to say in its own.
    await waitFor("the reason", () => second.dataSet?.problem?.includes("locked"));
  }
  const merged = await waitFor("the event", () => first.sawEvent("replication.merged"));
  expect(merged).toMatchObject({ from: second.nodeId, changes: 2, conflicts: 1 });
  await waitFor("the other", () => second.sawEvent("replication.caught-up"));
  expect(second.sawEvent("replication.caught-up")).toMatchObject({ changes: 1 });
});

test("a node returns to a peer that is not ready itself: caught-up is told once the peer has given what it has", async () => {
  await using cluster = await shops(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  await Promise.all([first.stop(), second.stop()]);
  write(first, "missed 1");
  write(first, "missed 2");
  {
    using _ = lockOf(first);
    await first.start(cluster.document);
    await second.start(cluster.document);
    await waitFor("the stream", () => second.dataSet?.syncingWith !== undefined);
    await waitFor("the reason", () => first.dataSet?.problem?.includes("locked"));
  }
  const caughtUp = await waitFor("the event", () => second.sawEvent("replication.caught-up"));
  expect(caughtUp).toMatchObject({ changes: 2 });
  expect(second.sawEvent("replication.merged")).toBeUndefined();
});
