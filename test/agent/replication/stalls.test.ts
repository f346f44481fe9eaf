import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OwnCertificates } from "../../../agent/link/own-certificates.ts";
import { PeerNetwork } from "../../../agent/replication/peer-network.ts";
import type { PeerStream } from "../../../agent/replication/peer-stream.ts";
import { Replica } from "../../../agent/replication/replica.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import type { FrameOf, ReplicationFrame } from "../../../shared/protocol/replication-frames.ts";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";

// An exchange that stops is restarted by a question every two seconds, and the log tells: here that net must never have been needed.

function write(node: TestNode, name: string): void {
  using shop = openShop(node.database);
  shop.prepare("INSERT OR REPLACE INTO setting VALUES (?, 1)").run(name);
}

function has(node: TestNode, name: string): boolean {
  using shop = openShop(node.database);
  return shop.prepare("SELECT 1 FROM setting WHERE name = ?").get(name) !== undefined;
}

function askedAgain(cluster: LoopbackCluster): string[] {
  return cluster.nodes.flatMap(({ warnings }) => warnings.filter((warning) => warning.includes("asked for again")));
}

async function threeShops(): Promise<LoopbackCluster> {
  const cluster = await LoopbackCluster.make(3);
  createMusicShop(cluster.node(0).database);
  await cluster.start();
  await waitFor("partners", () => cluster.nodes.every((node) => node.dataSet?.syncingWith !== undefined));
  return cluster;
}

test("the application commits just before the agent's own work on the file: the next look still tells of it", () => {
  const folder = mkdtempSync(join(tmpdir(), "understudy-look-"));
  const path = join(folder, "application.sqlite");
  createMusicShop(path);
  const nodeId = "node_00000000000000000000" as NodeId;
  const replica = new Replica(path, { clusterId: "clus_00000000000000000000" as ClusterId, dataSet: "application", nodeId, local: [] });
  replica.becomeSource();
  expect(replica.look()).toBe(false);
  using shop = openShop(path);
  shop.exec("INSERT INTO setting VALUES ('written', 1)");
  // What a frame of changes that are all known already comes to, and pruning too.
  replica.apply();
  expect(replica.look()).toBe(true);
  expect(replica.look()).toBe(false);
  replica.close();
  rmSync(folder, { recursive: true });
});

test("a database is locked for long while both peers send: all is asked for the moment it is free", async () => {
  await using cluster = await threeShops();
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  const blocker = openShop(second.database);
  blocker.exec("BEGIN IMMEDIATE");
  write(first, "one");
  await waitFor("the problem", () => second.dataSet?.problem?.includes("locked"));
  // These two come while what comes is dropped: from the peer whose change met the lock, and from the one that knows nothing of it.
  write(third, "two");
  write(first, "three");
  await waitFor("the two others", () => has(first, "two") && has(third, "three"));
  blocker.exec("ROLLBACK");
  blocker.close();
  await waitFor("all of it", () => ["one", "two", "three"].every((name) => has(second, name)));
  expect(askedAgain(cluster)).toEqual([]);
});

test("the data set's local tables are changed while changes stream in: what falls into the moment is asked for", async () => {
  await using cluster = await threeShops();
  const [first, second] = [cluster.node(0), cluster.node(1)];
  for (let round = 1; round <= 20; round += 1) {
    write(first, `round ${round}`);
    const dataSets = [{ kind: "sqlite" as const, name: "application", local: round % 2 === 0 ? [] : ["audit"] }];
    second.replication?.documentChanged({ ...cluster.document, version: 1 + round, dataSets });
    write(first, `round ${round} again`);
    await waitFor("both", () => has(second, `round ${round}`) && has(second, `round ${round} again`));
  }
  expect(askedAgain(cluster)).toEqual([]);
});

test("a file is moved away and copied anew: what is written to the new one goes out, though its log counts anew", async () => {
  await using cluster = await threeShops();
  const second = cluster.node(1);
  for (let count = 0; count < 50; count += 1) write(second, `before ${count}`);
  await waitFor("them", () => cluster.nodes.every((node) => has(node, "before 49")));
  // So many that they leave the log as soon as the application rests.
  using busyShop = openShop(second.database);
  busyShop.exec("BEGIN");
  const artist = busyShop.prepare("INSERT INTO artist (name) VALUES (?)");
  for (let count = 0; count < 1_000; count += 1) artist.run(`many ${count}`);
  busyShop.exec("COMMIT");
  await waitFor("an empty log", () => {
    using shop = openShop(cluster.node(0).database);
    return shop.prepare("SELECT 1 FROM _understudy_log").get() === undefined;
  });
  for (const suffix of ["", "-wal", "-shm"]) renameSync(second.database + suffix, `${second.database}.old${suffix}`);
  await waitFor("the copy", () => second.events.filter(({ kind }) => kind === "replication.snapshot-finished").length === 2);
  await second.following();
  write(second, "after");
  await waitFor("it everywhere", () => cluster.nodes.every((node) => has(node, "after")));
  expect(askedAgain(cluster)).toEqual([]);
});

test("a peer opens a second stream while the first still seems to stand: changes go out on the second", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createMusicShop(first.database);
  await first.start(cluster.document);
  await first.following();
  const network = new PeerNetwork({
    nodeId: second.nodeId,
    own: new OwnCertificates([second.identity]),
    document: () => cluster.document,
    onStream: () => undefined,
    onTurnedAway: () => undefined,
  });
  const node = cluster.document.nodes[0];
  if (node === undefined) throw new Error("the document has nodes");
  const dead = hear(await network.dial(node, "ring"));
  const { lineage, vector } = await waitFor("the first word", () => dead.heard.find((frame) => frame.type === "state"));
  const living = hear(await network.dial(node, "ring"));
  // Signs of life, as an agent sends them: that the peer is not silent must not keep the dead stream alive.
  const state: FrameOf<"state"> = {
    type: "state",
    dataSet: "application",
    schema: "",
    lineage,
    hasDatabase: true,
    vector,
    known: {},
    resend: false,
    runningMs: 1,
    holding: false,
  };
  const { sentMs } = await waitFor("the first pulse", () => living.heard.find((frame) => frame.type === "pulse"));
  const clock = { wallMs: Date.now(), zone: "UTC", sentMs: 0, echo: { sentMs, heldMs: 0 }, clocks: {}, ages: {} };
  living.stream.send({ type: "pulse", ...clock });
  living.stream.send(state);
  await waitFor("the dead stream's end", () => dead.closed);
  write(first, "to the living");
  expect((await waitFor("the change", () => living.heard.find((frame) => frame.type === "changes"))).changes).toHaveLength(1);
  expect(dead.heard.filter((frame) => frame.type === "changes")).toEqual([]);
  network.close();
});

function hear(stream: PeerStream) {
  const listener = { stream, heard: [] as ReplicationFrame[], closed: false };
  stream.handle({
    onFrame: (frame) => void listener.heard.push(frame),
    onClosed: () => {
      listener.closed = true;
    },
  });
  return listener;
}

test("a service has stopped, and another process locks its database: a flush is over when what the service wrote was seen, not before", async () => {
  await using cluster = await LoopbackCluster.make(2);
  createMusicShop(cluster.node(0).database);
  using blocker = openShop(cluster.node(0).database);
  // In a write-ahead log a reader meets no lock.
  blocker.exec("PRAGMA journal_mode = DELETE");
  await cluster.start();
  const [first, second] = [cluster.node(0), cluster.node(1)];
  blocker.exec("BEGIN EXCLUSIVE; INSERT INTO setting VALUES ('sold last', 1)");
  await waitFor("the problem", () => first.dataSet?.problem?.includes("locked"));
  const before = first.dataSet?.vector;
  let flushed = false;
  const flushing = first.replication?.flush().then(() => (flushed = true));
  await waitFor("several looks in vain", () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)));
  expect({ flushed, vector: first.dataSet?.vector }).toEqual({ flushed: false, vector: before });
  blocker.exec("COMMIT");
  await flushing;
  expect(first.dataSet?.vector).not.toEqual(before);
  await waitFor("the row", () => has(second, "sold last"));
});
