import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fill } from "./sample-tree.ts";
import { SharedManifest } from "./shared-manifest.ts";

it("a tree with folders, rights, times and links is the same on the follower", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  fill(writer.tree);
  await site.writes(0, 1);
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
  expect(Object.keys(follower.picture)).toHaveLength(6);
  expect(follower.report).toMatchObject({ role: "follower", writer: writer.nodeId, files: 3, isComplete: true, problem: null });
  expect(await follower.set?.verify()).toMatchObject({ paths: 6, files: 3, differences: 0 });
});

it("changes, rights alone, removals and a file that becomes a folder follow", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  fill(writer.tree);
  await site.writes(0, 1);
  await site.level();
  writeFileSync(writer.at("voice/de/empty"), "no longer");
  chmodSync(writer.at("voice/de/hello.wav"), 0o600);
  rmSync(writer.at("Grüße.txt"));
  mkdirSync(writer.at("Grüße.txt"));
  writeFileSync(writer.at("Grüße.txt/inside"), "x");
  rmSync(writer.at("voice/default.wav"));
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
  rmSync(writer.at("voice"), { recursive: true });
  await site.level();
  expect(Object.keys(follower.picture)).toEqual(["Grüße.txt", "Grüße.txt/inside"]);
  expect(follower.setAside).toEqual({});
});

it("what changes is noticed without anybody asking", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  await site.writes(0, 1);
  await site.level();
  mkdirSync(writer.at("a/b"), { recursive: true });
  writeFileSync(writer.at("a/b/c"), "new");
  await expect
    .poll(
      () => {
        site.stir();
        return existsSync(follower.at("a/b/c"));
      },
      { timeout: 5_000 },
    )
    .toBe(true);
});

it("a rename is one: nothing is fetched, and the file stays the same one", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  mkdirSync(writer.at("old"));
  writeFileSync(writer.at("old/large.wav"), randomBytes(3_000_000));
  await site.writes(0, 1);
  await site.level();
  const [fetched, inode] = [follower.fetchedBytes, lstatSync(follower.at("old/large.wav")).ino];
  expect(fetched).toBe(3_000_000);
  renameSync(writer.at("old/large.wav"), writer.at("renamed.wav"));
  await site.level();
  expect(lstatSync(follower.at("renamed.wav")).ino).toBe(inode);
  renameSync(writer.at("old"), writer.at("new"));
  renameSync(writer.at("renamed.wav"), writer.at("new/large.wav"));
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
  expect(follower.fetchedBytes).toBe(fetched);
});

it("bytes put into the middle of a large file are all but all that is fetched", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  const content = randomBytes(20_000_000);
  writeFileSync(writer.at("large"), content);
  await site.writes(0, 1);
  await site.level();
  const before = follower.fetchedBytes;
  writeFileSync(writer.at("large"), Buffer.concat([content.subarray(0, 9_000_000), Buffer.from("inserted"), content.subarray(9_000_000)]));
  await site.level();
  expect(readFileSync(follower.at("large")).equals(readFileSync(writer.at("large")))).toBe(true);
  expect(follower.fetchedBytes - before).toBeLessThan(2_200_000);
});

it("what people change on a follower is set aside, and the writer's is put back", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  fill(writer.tree);
  await site.writes(0, 1);
  await site.level();
  writeFileSync(follower.at("Grüße.txt"), "moin");
  rmSync(follower.at("voice/de/hello.wav"));
  writeFileSync(follower.at("mine.txt"), "my own");
  rmSync(writer.at("voice/de/empty"));
  writeFileSync(follower.at("voice/de/empty"), "not empty any more");
  await expect.poll(() => Object.keys(follower.setAside).length, { timeout: 5_000 }).toBeGreaterThan(1);
  await site.level();
  await expect.poll(() => Object.keys(follower.setAside).length, { timeout: 5_000 }).toBe(3);
  expect(follower.setAside).toEqual({ "Grüße.txt": "moin", "mine.txt": "my own", "voice/de/empty": "not empty any more" });
  await expect.poll(() => follower.picture, { timeout: 5_000 }).toEqual(writer.picture);
  expect(follower.report).toMatchObject({
    setAside: 3,
    setAsideLatest: [{ reason: "changed on this node, which is not the writer" }, {}, {}],
  });
  await follower.stop();
  expect(follower.setAsideEvents.reduce((sum, { paths }) => sum + paths, 0)).toBe(3);
  expect(follower.setAsideEvents.flatMap(({ first }) => first).toSorted()).toEqual(["Grüße.txt", "mine.txt", "voice/de/empty"]);
});

it("a tree that is there before the first time is taken over where it is equal, and set aside where it is not", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  const same = randomBytes(50_000);
  for (const { tree } of [writer, follower]) writeFileSync(`${tree}/same.wav`, same);
  writeFileSync(writer.at("other"), "the writer's");
  writeFileSync(follower.at("other"), "the follower's");
  await site.writes(0, 1);
  await site.level();
  await expect.poll(() => follower.picture, { timeout: 5_000 }).toEqual(writer.picture);
  expect(follower.setAside).toEqual({ other: "the follower's" });
  expect(follower.fetchedBytes).toBe("the writer's".length);
});

it("hostile names are left out, each with its reason, and everything else goes on", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  writeFileSync(writer.at("line\nbreak"), "x");
  writeFileSync(writer.at("Case"), "first");
  writeFileSync(writer.at("case"), "second");
  symlinkSync("/etc/passwd", writer.at("passwords"));
  symlinkSync("../../outside", writer.at("outside"));
  execFileSync("mkfifo", [writer.at("pipe")]);
  writeFileSync(Buffer.concat([Buffer.from(`${writer.tree}/`), Buffer.from([0x66, 0xff, 0xfe])]), "x");
  writeFileSync(writer.at("good"), "good");
  await site.writes(0, 1);
  await site.level();
  expect(Object.keys(follower.picture).toSorted()).toEqual(["Case", "good"]);
  const reasons = Object.fromEntries(writer.report?.refused.map(({ path, reason }) => [path, reason]) ?? []);
  expect(reasons).toMatchObject({
    "line\\nbreak": expect.stringContaining("control character"),
    case: expect.stringContaining("differs from Case only in upper and lower case"),
    passwords: expect.stringContaining("absolute target"),
    outside: expect.stringContaining("out of the tree"),
    pipe: expect.stringContaining("neither file, folder nor link"),
  });
  expect(Object.values(reasons)).toContain("its name is not valid UTF-8");
});

it("local paths are never sent, and survive", async () => {
  await using site = new SharedManifest(2, ["*.tmp", "cache", "logs/**/*.log"]);
  const [writer, follower] = [site.node(0), site.node(1)];
  for (const { tree, nodeId } of [writer, follower]) {
    mkdirSync(`${tree}/cache`);
    mkdirSync(`${tree}/logs`);
    for (const path of ["a.tmp", "cache/x", "logs/y.log"]) writeFileSync(`${tree}/${path}`, nodeId);
  }
  writeFileSync(writer.at("sent"), "x");
  await site.writes(0, 1);
  await site.level();
  rmSync(writer.at("logs"), { recursive: true });
  await site.level();
  expect(readFileSync(follower.at("cache/x"), "utf8")).toBe(follower.nodeId);
  expect(readFileSync(follower.at("logs/y.log"), "utf8")).toBe(follower.nodeId);
  expect(follower.setAside).toEqual({});
  expect(existsSync(follower.at("sent"))).toBe(true);
});
