import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SmallDisk } from "../processes/small-disk.ts";
import { fill } from "./sample-tree.ts";
import { SharedManifest } from "./shared-manifest.ts";

it("after a takeover the new writer goes on from what it has, and what the old one alone had is set aside there", async () => {
  await using site = new SharedManifest(2);
  const [first, second] = [site.node(0), site.node(1)];
  fill(first.tree);
  await site.writes(0, 1);
  await site.level();
  await first.stop();
  writeFileSync(first.at("unsent"), "the old writer's last");
  writeFileSync(first.at("Grüße.txt"), "changed at the end");
  await site.writes(1, 2);
  writeFileSync(second.at("after"), "written after the takeover");
  await site.level();
  first.start();
  await first.set?.roleChanged({ kind: "follower" });
  await site.level();
  await expect.poll(() => first.picture, { timeout: 5_000 }).toEqual(second.picture);
  expect(second.picture).toHaveProperty("after");
  expect(first.setAside).toEqual({ unsent: "the old writer's last", "Grüße.txt": "changed at the end" });
});

it("what is half here when this node takes over still comes, and is not taken for removed", async () => {
  await using site = new SharedManifest(3);
  const [first, second, third] = [site.node(0), site.node(1), site.node(2)];
  fill(first.tree);
  let isHeld = true;
  second.beforeFetch = () => {
    if (isHeld) throw new Error("held back by the test");
  };
  await site.writes(0, 1);
  await first.set?.flush();
  site.stir();
  await expect
    .poll(
      () => {
        site.stir();
        return third.report?.isComplete;
      },
      { timeout: 5_000 },
    )
    .toBe(true);
  await first.stop();
  await site.writes(1, 2);
  writeFileSync(second.at("own"), "of the new writer");
  await second.set?.flush();
  isHeld = false;
  await site.level();
  expect(second.picture).toEqual(third.picture);
  expect(Object.keys(second.picture)).toHaveLength(7);
});

it("a node that is started anew touches nothing before somebody else has begun to write", async () => {
  await using site = new SharedManifest(2);
  const [writer] = [site.node(0)];
  fill(writer.tree);
  await site.writes(0, 1);
  await site.level();
  await writer.stop();
  writeFileSync(writer.at("Grüße.txt"), "written while the agent was away");
  writer.start();
  await writer.set?.roleChanged({ kind: "follower" });
  site.stir();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(readFileSync(writer.at("Grüße.txt"), "utf8")).toBe("written while the agent was away");
  await site.writes(0, 1);
  await site.level();
  expect(site.node(1).picture).toEqual(writer.picture);
});

it("a tree that is not there is not taken for an empty one", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  fill(writer.tree);
  await site.writes(0, 1);
  await site.level();
  renameSync(writer.tree, `${writer.tree}.unmounted`);
  mkdirSync(writer.tree);
  await expect(writer.set?.flush()).rejects.toThrow("is its disk mounted?");
  rmSync(writer.tree, { recursive: true });
  renameSync(`${writer.tree}.unmounted`, writer.tree);
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
});

it("a link that somebody puts in the place of a folder leads nothing out of the tree", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  mkdirSync(writer.at("folder"));
  writeFileSync(writer.at("folder/file"), "1");
  await site.writes(0, 1);
  await site.level();
  const outside = `${site.root}/outside`;
  mkdirSync(outside);
  rmSync(follower.at("folder"), { recursive: true });
  symlinkSync(outside, follower.at("folder"));
  writeFileSync(writer.at("folder/file"), "22");
  await site.level();
  await expect.poll(() => follower.picture, { timeout: 5_000 }).toEqual(writer.picture);
  expect(readdirSync(outside)).toEqual([]);
});

it("a large file whose transfer was interrupted goes on where it was", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  writeFileSync(writer.at("large"), randomBytes(20_000_000));
  const reached = Promise.withResolvers<void>();
  let isInterrupted = false;
  follower.beforeFetch = async () => {
    if (follower.fetchedBytes < 10_000_000 || isInterrupted) return;
    reached.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw new Error("the connection was lost");
  };
  await site.writes(0, 1);
  await writer.set?.flush();
  site.stir();
  await reached.promise;
  await follower.stop();
  isInterrupted = true;
  follower.start();
  await follower.set?.roleChanged({ kind: "follower" });
  await site.level();
  expect(readFileSync(follower.at("large")).equals(readFileSync(writer.at("large")))).toBe(true);
  expect(follower.fetchedBytes).toBeLessThan(25_000_000);
});

it("a damaged chunk is not used, and fetched again", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  writeFileSync(writer.at("file"), randomBytes(100_000));
  let damaged = 0;
  follower.damage = (bytes) => {
    damaged += 1;
    if (damaged === 1) bytes[5] = (bytes[5] ?? 0) ^ 1;
  };
  await site.writes(0, 1);
  await site.level();
  expect(damaged).toBeGreaterThan(1);
  expect(follower.picture).toEqual(writer.picture);
});

it("a file that is written all the while comes when it rests, and never half", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  await site.writes(0, 1);
  await site.level();
  const versions = new Set<string>();
  for (let version = 0; version < 40; version += 1) {
    const content = String(version).repeat(50_000);
    versions.add(content);
    writeFileSync(writer.at("busy.part"), content);
    renameSync(writer.at("busy.part"), writer.at("busy"));
    site.stir();
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (existsSync(follower.at("busy"))) expect(versions.has(readFileSync(follower.at("busy"), "utf8"))).toBe(true);
  }
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
});

it("a manifest that names what it must not is followed for all the rest", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  writeFileSync(writer.at("good"), "good");
  await site.writes(0, 1);
  await site.level();
  site.forge(["../outside", "a/../../outside", ".understudy/tree.json", "new\nline", "GOOD"]);
  writeFileSync(writer.at("later"), "later");
  await site.level();
  expect(existsSync(`${site.root}/outside`)).toBe(false);
  expect(Object.keys(follower.picture)).toEqual(["good", "later"]);
  expect(follower.report?.refusedCount).toBe(5);
});

it("a node that takes over does not wait for what a dead writer does not send any more", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  writeFileSync(writer.at("large"), randomBytes(3_000_000));
  const asked = Promise.withResolvers<void>();
  follower.beforeFetch = () => {
    asked.resolve();
    return new Promise(() => {});
  };
  await site.writes(0, 1);
  await writer.set?.flush();
  site.stir();
  await asked.promise;
  const began = performance.now();
  await follower.set?.roleChanged({ kind: "writer", epoch: 2 });
  expect(performance.now() - began).toBeLessThan(500);
});

it.skipIf(process.getuid?.() !== 0)("a full disk is told, holds up nothing else, and is waited out", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  await follower.stop();
  const disk = SmallDisk.at(follower.tree);
  try {
    follower.start();
    await site.writes(0, 1);
    writeFileSync(writer.at("a-large"), randomBytes(2_000_000));
    writeFileSync(writer.at("small"), "fits");
    await writer.set?.flush();
    site.stir();
    await expect.poll(() => follower.report?.problem, { timeout: 10_000 }).toContain("is full: free space there");
    await expect.poll(() => existsSync(follower.at("small")), { timeout: 10_000 }).toBe(true);
    expect(follower.report).toMatchObject({ filesBehind: 1, bytesBehind: 2_000_000 });
    writeFileSync(writer.at("a-large"), randomBytes(100_000));
    await site.level();
    expect(follower.picture).toEqual(writer.picture);
    await follower.stop();
  } finally {
    disk.unmount();
  }
});
