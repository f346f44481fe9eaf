import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isInstalled } from "../../lab/requirements.ts";
import { FilesSite } from "./files-site.ts";
import { copyTree } from "./rsync-tree.ts";
import { TreeOfFiles } from "./tree-of-files.ts";

/** Every file of a tree, with what is in it, but for the agent's own. */
function contentsOf(tree: string): Record<string, string> {
  const files = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.includes(".understudy"));
  return Object.fromEntries(paths.map((path) => [path.slice(tree.length), readFileSync(path, "hex")]));
}

test("what the bench of files takes for level is: new files, changed ones, and all of them on a server that joins", async () => {
  await using site = await FilesSite.create();
  const [source, followed] = site.trees;
  const tree = new TreeOfFiles(source, { files: 130, bytesEach: 700 });
  site.join();
  await site.level({ files: 0, bytes: 0 });
  tree.put(site.aside("new"));
  await site.level(tree.totals);
  expect(Object.keys(contentsOf(followed))).toHaveLength(130);
  tree.change();
  expect(tree.totals.bytes).toBe(130 * 700 + 2);
  await site.level(tree.totals);
  expect(contentsOf(followed)).toEqual(contentsOf(source));
  await site.leave();
  expect(readdirSync(followed)).toEqual([]);
  site.join();
  await site.level(tree.totals);
  expect(contentsOf(followed)).toEqual(contentsOf(source));
  if (isInstalled("rsync")) {
    const copy = site.aside("copy");
    mkdirSync(copy);
    await copyTree(source, copy);
    expect(contentsOf(copy)).toEqual(contentsOf(source));
  }
}, 60_000);
