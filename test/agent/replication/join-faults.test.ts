import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { systemErrorCode } from "../../../agent/agent-error.ts";
import { LoopbackCluster, type TestNode, waitFor } from "./loopback-cluster.ts";
import { createMusicShop, openShop } from "./music-shop.ts";
import { kill, startProcess } from "./process-node.ts";

// Processes are started and killed here; a busy machine takes its time for that. Mostly they wait, for a slow network or for each other: so all are under way at once.
vi.setConfig({ testTimeout: 60_000 });

const mebibyte = 1_048_576;

function createLargeShop(node: TestNode, mebibytes: number): void {
  createMusicShop(node.database);
  using shop = openShop(node.database);
  shop
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO artist (name, picture) SELECT 'artist ' || i, randomblob(104000) FROM n`,
    )
    .run(mebibytes * 10);
}

function artists(path: string): number {
  using shop = openShop(path);
  return Number(shop.prepare("SELECT count(*) AS rows FROM artist").get()?.["rows"]);
}

/** What a joiner has noted so far; nothing between the end of one snapshot and the beginning of another. */
function notesOf(node: TestNode): string {
  try {
    return readFileSync(`${node.database}.arriving.notes`, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return "";
    throw error;
  }
}

function chunksNoted(node: TestNode): number {
  return Math.max(0, notesOf(node).split("\n").length - 2);
}

test.concurrent("the joiner is killed at 80 %: started again, it goes on from there", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  first.snapshotMegabitsPerSecondMax = 160;
  createLargeShop(first, 30);
  await first.start(cluster.document);
  await first.following();
  const child = await startProcess(cluster, second);
  using _ = { [Symbol.dispose]: () => child.kill("SIGKILL") };
  await waitFor("80 %", () => chunksNoted(second) >= 12, 30_000);
  await kill(child);
  expect(existsSync(second.database)).toBe(false);
  await second.start(cluster.document);
  await second.following(30_000);
  const resumedAt = second.told.find(({ progress }) => progress !== undefined)?.progress?.bytesDone;
  // The last chunk is shorter than the others.
  expect(resumedAt).toBeGreaterThan(11 * 2 * mebibyte);
  // The same snapshot: it was not begun anew.
  expect(second.sawEvent("replication.snapshot-started")).toBeUndefined();
  expect((await cluster.equal())["artist"]?.rows).toBe(303);
  expect(readdirSync(second.folder).filter((file) => file.includes("arriving"))).toEqual([]);
});

test.concurrent("the data come by another way while a join is interrupted: what it has left goes, and is given to nobody", async () => {
  await using cluster = await LoopbackCluster.make(3);
  const [first, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)];
  first.snapshotMegabitsPerSecondMax = 160;
  createLargeShop(first, 20);
  await first.start(cluster.document);
  await first.following();
  await second.start(cluster.document);
  await waitFor("the middle", () => chunksNoted(second) >= 4, 30_000);
  await first.stop();
  await waitFor("the problem", () => second.dataSet?.problem?.includes("waiting for the data: node-0"), 15_000);
  expect(existsSync(`${second.database}.arriving`)).toBe(true);
  copyFileSync(first.database, `${second.database}.copy`);
  renameSync(`${second.database}.copy`, second.database);
  await second.following(15_000);
  await waitFor("nothing left", () => readdirSync(second.folder).every((file) => !file.includes("arriving")));
  await third.start(cluster.document);
  await third.following(15_000);
  expect((await cluster.equal())["artist"]?.rows).toBe(203);
});

test.concurrent("the joiner is killed while it replaces an old database: that is as it was, and the next attempt ends right", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  createLargeShop(first, 10);
  await first.start(cluster.document);
  await first.following();
  createLargeShop(second, 20);
  const saved = () => readdirSync(second.folder).filter((file) => file.includes("before-join"));
  const child = await startProcess(cluster, second);
  using _ = { [Symbol.dispose]: () => child.kill("SIGKILL") };
  await waitFor("the swap", () => saved().some((file) => file.endsWith(".partial")), 30_000);
  await kill(child);
  expect(saved().filter((file) => file.endsWith("Z"))).toEqual([]);
  expect(artists(second.database)).toBe(203);
  await second.start(cluster.document);
  await second.following(30_000);
  expect((await cluster.equal())["artist"]?.rows).toBe(103);
  expect(saved().map((file) => artists(join(second.folder, file)))).toEqual([203]);
});

test.concurrent("the only donor is killed at 50 % and comes back: the join ends with another snapshot, of which only what is new is sent", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  first.snapshotMegabitsPerSecondMax = 160;
  createLargeShop(first, 30);
  let child = await startProcess(cluster, first);
  using _ = { [Symbol.dispose]: () => child.kill("SIGKILL") };
  await second.start(cluster.document);
  await waitFor("50 %", () => chunksNoted(second) >= 7, 30_000);
  await kill(child);
  await waitFor("the problem", () => second.dataSet?.problem?.includes("waiting for the data: node-0"), 15_000);
  expect(existsSync(second.database)).toBe(false);
  child = await startProcess(cluster, first);
  await waitFor("what is still good", () => notesOf(second).includes('"earlier":true'));
  await second.following(30_000);
  expect(second.events.filter(({ kind }) => kind === "replication.snapshot-started")).toHaveLength(2);
  await kill(child);
  await first.start(cluster.document);
  expect((await cluster.equal())["artist"]?.rows).toBe(303);
});

test.concurrent("the link is cut for ten seconds in the middle: the same join goes on when it is back", async () => {
  await using cluster = await LoopbackCluster.make(2);
  const [first, second] = [cluster.node(0), cluster.node(1)];
  first.snapshotMegabitsPerSecondMax = 160;
  createLargeShop(first, 30);
  await first.start(cluster.document);
  await first.following();
  await using cable = await Cable.to(first);
  const nodes = cluster.document.nodes.map((node) => (node.nodeId === first.nodeId ? { ...node, replicationPort: cable.port } : node));
  await second.start({ ...cluster.document, nodes });
  await waitFor("the middle", () => chunksNoted(second) >= 7, 30_000);
  cable.cut();
  await sleep(500);
  const before = chunksNoted(second);
  await sleep(9_500);
  expect(chunksNoted(second)).toBeLessThanOrEqual(before + 1);
  cable.mend();
  await second.following(30_000);
  expect(second.events.filter(({ kind }) => kind === "replication.snapshot-started")).toHaveLength(1);
  expect((await cluster.equal())["artist"]?.rows).toBe(303);
});

const isRoot = process.getuid?.() === 0;

test
  .runIf(isRoot)
  .concurrent(
    "the disk is filled at 90 %: told with the next step, the old data as they were, and it goes on by itself when there is room",
    async () => {
      await using cluster = await LoopbackCluster.make(2);
      const [first, second] = [cluster.node(0), cluster.node(1)];
      // The last tenth takes most of a second: time enough to fill the disk, on a busy machine too.
      first.snapshotMegabitsPerSecondMax = 20;
      createLargeShop(first, 20);
      await first.start(cluster.document);
      await first.following();
      mkdirSync(second.folder, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=120m", "tmpfs", second.folder]);
      try {
        createMusicShop(second.database);
        await second.start(cluster.document);
        await waitFor("90 %", () => chunksNoted(second) >= 9, 30_000);
        const filler = join(second.folder, "filler");
        fill(filler);
        await waitFor("the problem", () => second.dataSet?.problem?.includes("free"), 15_000);
        expect(second.dataSet?.problem).toMatch(/(is full.*: free space|free at least .* MiB).* goes on by itself/);
        rmSync(filler);
        expect(artists(second.database)).toBe(3);
        await second.following(30_000);
        expect(second.events.filter(({ kind }) => kind === "replication.snapshot-started")).toHaveLength(1);
        expect((await cluster.equal())["artist"]?.rows).toBe(203);
        expect(readdirSync(second.folder).filter((file) => file.includes("before-join"))).toHaveLength(1);
      } finally {
        await second.stop();
        execFileSync("umount", [second.folder]);
      }
    },
  );

test.concurrent("three nodes join at once: they give each other what the donor has sent, and all end equal", async () => {
  await using cluster = await LoopbackCluster.make(4);
  const [first, ...joiners] = cluster.nodes as [TestNode, ...TestNode[]];
  for (const node of cluster.nodes) node.snapshotMegabitsPerSecondMax = 64;
  createLargeShop(first, 16);
  await first.start(cluster.document);
  await first.following();
  await Promise.all(joiners.map((node) => node.start(cluster.document)));
  await Promise.all(joiners.map((node) => node.following(30_000)));
  const sources = joiners.map((node) => Math.max(...node.told.map(({ progress }) => progress?.sources ?? 0)));
  expect(Math.max(...sources)).toBeGreaterThan(1);
  expect((await cluster.equal())["artist"]?.rows).toBe(163);
});

function fill(path: string): void {
  for (let bytes = mebibyte; bytes >= 1_024; bytes /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}

/** A connection's way to a node that can be cut: nothing passes any more, and neither side is told. */
class Cable implements AsyncDisposable {
  readonly port: number;
  readonly #close: () => Promise<void>;
  readonly #ends: Set<Socket>;

  private constructor(port: number, ends: Set<Socket>, close: () => Promise<void>) {
    this.port = port;
    this.#ends = ends;
    this.#close = close;
  }

  static async to({ host, port }: TestNode): Promise<Cable> {
    const ends = new Set<Socket>();
    const server = createServer((near) => {
      const far = dial(port, host);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        ends.add(one);
        one.on("error", () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new Cable(address.port, ends, async () => {
      for (const end of ends) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  cut(): void {
    for (const end of this.#ends) end.pause();
  }

  mend(): void {
    for (const end of this.#ends) end.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
