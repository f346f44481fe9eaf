import { existsSync } from "node:fs";
import { connect } from "node:tls";
import { expect, test, vi } from "vitest";
import { encodeFrame } from "../../../shared/protocol/replication-frames.ts";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { kill, startProcess } from "./process-node.ts";

// Processes are started and killed here; a busy machine takes its time for that.
vi.setConfig({ testTimeout: 60_000 });

test("kill -9 in the middle of applying, ten times: only whole transactions, each once, and all replicas end equal", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createMusicShop(first.database);
  using shop = openShop(first.database);
  shop.exec("CREATE TABLE entry (id INTEGER PRIMARY KEY, account TEXT, amount INTEGER)");
  await first.start(cluster.document);
  await first.following();
  let child = await startProcess(cluster, second);
  using _ = { [Symbol.dispose]: () => child.kill("SIGKILL") };
  await waitFor("the join", async () => (first.dataSet?.syncingWith === undefined ? false : openable(second)));
  const insert = shop.prepare("INSERT INTO entry (account, amount) VALUES (?, ?)");
  for (let round = 0; round < 10; round += 1) {
    for (let count = 0; count < 40; count += 1) {
      shop.exec("BEGIN");
      for (let part = 0; part < 20; part += 1) {
        insert.run("from", -count);
        insert.run("to", count);
      }
      shop.exec("COMMIT");
    }
    await new Promise((resolve) => setTimeout(resolve, 15 * round));
    await kill(child);
    using replica = openShop(second.database);
    // Every transaction has forty rows and changes nothing in sum: half of one would show at once.
    const { rows, sum } = replica.prepare("SELECT count(*) AS rows, coalesce(sum(amount), 0) AS sum FROM entry").get() as {
      rows: number;
      sum: number;
    };
    const { seq } = replica.prepare("SELECT seq FROM _understudy_origin WHERE name LIKE ?").get(`${first.nodeId}:%`) as { seq: number };
    expect([rows % 40, sum, seq]).toEqual([0, 0, rows]);
    child = await startProcess(cluster, second);
  }
  await kill(child);
  await second.start(cluster.document);
  expect((await cluster.equal(15_000))["entry"]?.rows).toBe(10 * 40 * 40);
});

function openable(node: TestNode): boolean {
  // Opening would make an empty file, and the copy would be put into that one.
  if (!existsSync(node.database)) return false;
  try {
    using replica = openShop(node.database);
    return replica.prepare("SELECT count(*) AS rows FROM _understudy_origin").get() !== undefined;
  } catch {
    return false;
  }
}

test("the donor is killed in the middle of a snapshot; the next node gives one, and the join ends well", async () => {
  await using cluster = await LoopbackCluster.make(3);
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  createMusicShop(first.database);
  using shop = openShop(first.database);
  shop.exec(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO artist (name, picture) SELECT 'artist ' || i, randomblob(100000) FROM n",
  );
  const child = await startProcess(cluster, first);
  using _ = { [Symbol.dispose]: () => child.kill("SIGKILL") };
  await second.start(cluster.document);
  await second.following(15_000);
  await third.start(cluster.document);
  await waitFor("the transfer to be under way", () => (third.dataSet?.progress?.bytesDone ?? 0) > 0, 15_000);
  expect(third.dataSet).toMatchObject({ phase: "receiving-snapshot", progress: { donor: first.nodeId } });
  await kill(child);
  await third.following(15_000);
  expect(third.sawEvent("replication.snapshot-finished")).toMatchObject({ donor: second.nodeId });
  expect((await cluster.equal())["artist"]?.rows).toBe(603);
});

test("a member sends frames that are none, forged or oversized: refused with the reason, and everybody else goes on", async () => {
  await using cluster = await LoopbackCluster.make(3);
  createMusicShop(cluster.node(0).database);
  await cluster.node(0).start(cluster.document);
  await cluster.node(1).start(cluster.document);
  await cluster.node(1).following();
  const [first, liar] = [cluster.node(0), cluster.node(2)];
  const hello = encodeFrame({ type: "hello", protocol: 1, clusterId: cluster.document.clusterId, nodeId: liar.nodeId, purpose: "ring" });
  const lineageFree = { dataSet: "application", schema: "" as const };
  const forged = encodeFrame({
    type: "changes",
    ...lineageFree,
    origins: [`${liar.nodeId}:1` as never],
    contexts: [{}],
    shapes: [{ table: "setting", columns: ["name", "value"], key: [0] }],
    changes: [[0, 1, 1, 0, 0, "put", Uint8Array.of(9, 9, 9)]],
    final: true,
  });
  const answers: string[] = [];
  for (const bytes of [
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 2, 0xff, 0xff]),
    Buffer.from(forged),
    Buffer.from(hello),
  ]) {
    answers.push(
      await new Promise<string>((resolve) => {
        let heard = "";
        const socket = connect(
          { host: first.host, port: first.port, key: liar.identity.keyPem, cert: liar.identity.certificatePem, rejectUnauthorized: false },
          () => socket.write(Buffer.concat([hello, bytes])),
        );
        socket.on("data", (data) => {
          heard += data.toString("latin1");
        });
        socket.on("error", () => resolve(heard));
        socket.on("close", () => resolve(heard));
      }),
    );
  }
  expect(answers[0]).toContain("is outside of 1 to");
  expect(answers[1]).toContain("is not CBOR");
  expect(answers[2]).toContain("unknown kind 9");
  expect(answers[3]).toContain("carries no hello frames");
  expect(first.sawEvent("replication.refused")?.reason).toContain("unknown kind 9");
  using shop = openShop(first.database);
  shop.exec("INSERT INTO setting VALUES ('still', 'works')");
  await waitFor("the change", async () => (await cluster.node(1).replication?.digest("application"))?.["setting"]?.rows === 3);
});
