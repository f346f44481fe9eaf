import { copyFileSync, rmSync } from "node:fs";
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

test("a node comes back with an older copy of its database, and its application writes to it at once: told, no number used twice, and what it lacks comes back", async () => {
  await using cluster = await shops(3);
  const second = cluster.node(1);
  await second.stop();
  const kept = `${second.database}-kept`;
  openShop(second.database).close();
  copyFileSync(second.database, kept);
  await second.start(cluster.document);
  for (let row = 0; row < 20; row += 1) write(second, `lost ${row}`);
  await cluster.equal();
  await second.stop();
  rmSync(second.database);
  copyFileSync(kept, second.database);
  // More than it lacks: by the numbers alone nothing would be missing.
  for (let row = 0; row < 30; row += 1) write(second, `new ${row}`);
  await second.start(cluster.document);
  const rewound = await waitFor("the event", () => second.sawEvent("replication.rewound"));
  expect(rewound).toMatchObject({ dataSet: "application", changes: 20 });
  await waitFor("both kinds of rows on every node", () =>
    cluster.nodes.every(({ database }) => {
      using shop = openShop(database);
      const { lost, fresh } =
        shop.prepare("SELECT sum(name LIKE 'lost %') AS lost, sum(name LIKE 'new %') AS fresh FROM setting").get() ?? {};
      return lost === 20 && fresh === 30;
    }),
  );
  await cluster.equal();
  expect(second.events.filter(({ kind }) => kind === "replication.rewound")).toHaveLength(1);
});

test("a node is given a copy of another node's database: it writes under an origin of its own, and nothing counts as that node's that is not", async () => {
  await using cluster = await shops(3);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  write(first, "of the first");
  await cluster.equal();
  await second.stop();
  // Closed by its last user, the write-ahead log is in the file.
  await first.stop();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(second.database + suffix, { force: true });
  copyFileSync(first.database, second.database);
  await first.start(cluster.document);
  await second.start(cluster.document);
  for (const node of [first, second]) for (let row = 0; row < 5; row += 1) write(node, `${node.nodeId} ${row}`);
  await cluster.equal();
  await waitFor("all rows on every node", () =>
    cluster.nodes.every(({ database }) => {
      using shop = openShop(database);
      return shop.prepare("SELECT count(*) AS rows FROM setting WHERE name LIKE 'node_%'").get()?.["rows"] === 10;
    }),
  );
  await cluster.equal();
  const origins = Object.keys(second.dataSet?.vector ?? {}).filter((origin) => origin.startsWith(`${second.nodeId}:`));
  expect(origins.length).toBeGreaterThan(0);
  expect(second.dataSet?.phase).toBe("following");
});
