import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { startProgram } from "../../demo/child-process.ts";
import type { KilledFollower } from "./killed-follower.ts";
import { SharedManifest, type TreeNode } from "./shared-manifest.ts";

const files = 300;

const cuts = [
  { killedIn: "writeSync", calls: 150, placed: 0, what: "while contents come" },
  { killedIn: "linkSync", calls: 1, placed: 1, what: "when the first file has its name" },
  { killedIn: "unlinkSync", calls: 100, placed: 101, what: "when half of the rest have theirs" },
  { killedIn: "linkSync", calls: 199, placed: 300, what: "when the last one has its name, before any of them is noted" },
] as const;

function namesIn(node: TreeNode): string[] {
  return readdirSync(node.tree, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".bin") && !name.startsWith("."));
}

/** Resolves when it is dead. */
async function killedFollower(site: SharedManifest, order: KilledFollower): Promise<void> {
  const log = join(site.root, "log.txt");
  const child = startProgram(join(import.meta.dirname, "killed-follower.ts"), [JSON.stringify(order)], { logFile: log, stdout: "log" });
  const signal = await new Promise((resolve) => child.once("exit", (_code, by) => resolve(by)));
  expect(signal, readFileSync(log, "utf8")).toBe("SIGKILL");
}

it("a follower that is killed with -9 in the middle of a batch has whole files only, claims none that is not there, and goes on when it is back", async () => {
  await using site = new SharedManifest(2);
  const [writer, follower] = [site.node(0), site.node(1)];
  await follower.stop();
  for (let index = 0; index < files; index += 1) {
    if (index % 100 === 0) mkdirSync(writer.at(`folder-${index / 100}`));
    writeFileSync(writer.at(`folder-${Math.floor(index / 100)}/${index}.bin`), randomBytes(1_000 + index));
  }
  await site.writes(0, 1);
  await writer.set?.flush();
  const { nodeId, tree, state } = follower;
  const places = { name: "prompts", nodeId, tree, manifest: join(site.root, "manifest.sqlite"), state, local: [] };
  for (const { killedIn, calls, placed, what } of cuts) {
    await killedFollower(site, { places, writersTree: writer.tree, killedIn, calls });
    expect(namesIn(follower), what).toHaveLength(placed);
    for (const name of namesIn(follower)) expect(readFileSync(follower.at(name)).equals(readFileSync(writer.at(name))), what).toBe(true);
    const database = new DatabaseSync(state, { readOnly: true });
    const held = database.prepare("SELECT path FROM held WHERE kind = 'file'").all();
    database.close();
    expect(namesIn(follower), what).toEqual(expect.arrayContaining(held.map(({ path }) => path)));
  }
  follower.start();
  await follower.set?.roleChanged({ kind: "follower" });
  await site.level();
  expect(follower.picture).toEqual(writer.picture);
  expect(follower.setAside).toEqual({});
  expect(readdirSync(follower.at(".understudy/incoming"))).toEqual([]);
}, 30_000);
