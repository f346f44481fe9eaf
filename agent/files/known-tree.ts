import { randomUUID } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { PrivateFolders } from "./private-folders.ts";
import type { TreeState } from "./tree-state.ts";

const knownAs = "tree";

/**
 * Makes sure that the folder is the tree that this node knows, and makes it where there has never been one. A disk that is not mounted leaves an empty
 * folder behind, which must not pass for a tree of which everything has been removed. Throws with the next step.
 */
export function requireTree(tree: string, marks: PrivateFolders, state: TreeState, statePath: string): void {
  const known = state.meta(knownAs);
  if (!existsSync(tree)) {
    if (known !== undefined) throw new Error(missing(statePath));
    makeTree(tree);
  }
  const { treeId } = marks;
  if (known !== undefined && known !== treeId) throw new Error(missing(statePath));
  marks.open();
  if (known !== undefined) return;
  const id = treeId ?? randomUUID();
  if (treeId === undefined) marks.markTree(id);
  state.setMeta(knownAs, id);
}

function missing(statePath: string): string {
  return `this is not the folder that was replicated here before (is its disk mounted?). Where that one is gone for good, stop the agent, remove ${statePath}, and start it again: the tree is fetched anew`;
}

/** Owned by whoever owns the folder that it is made in, as if that one had made it. */
function makeTree(tree: string): void {
  mkdirSync(tree, { recursive: true, mode: 0o755 });
  const { uid, gid, mode } = statSync(dirname(tree));
  chmodSync(tree, mode & 0o777);
  if (process.getuid?.() === 0) chownSync(tree, uid, gid);
}
