import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { privateFolder } from "../../shared/domain/replication/files/file-entry.ts";
import type { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import { joinedPath, nameOf, pathProblem } from "../../shared/domain/replication/files/path-rules.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import { type Found, look, nothingFound } from "./found.ts";
import type { RefusedPaths } from "./refused-paths.ts";
import type { TreeFolders } from "./tree-folder.ts";
import type { Held, TreeState } from "./tree-state.ts";

/** Something stands there that is not what this node knows there. */
export interface Difference {
  readonly path: string;
  readonly found: Found;
  readonly held: Held | undefined;
}

export interface SurveyParts {
  readonly folders: TreeFolders;
  readonly state: TreeState;
  readonly local: LocalPaths;
  readonly refused: RefusedPaths;
  /** Before a folder is looked through: what changes from then on is reported. */
  readonly onFolder?: (path: string) => void;
}

const turnEvery = 256;

/** Looks through a tree, a folder at a time, and tells where it is not what it was. Nothing is read, and no link is followed. */
export class Survey {
  readonly #parts: SurveyParts;
  #looked = 0;

  constructor(parts: SurveyParts) {
    this.#parts = parts;
  }

  /** A folder comes before what is in it where it stands, and after it where it is gone. `deep`: known folders are looked through as well. */
  async *differences(folder: string, deep: boolean): AsyncGenerator<Difference> {
    const { state, local } = this.#parts;
    this.#parts.onFolder?.(folder);
    const listed = this.#names(folder);
    if (listed === undefined) return;
    const held = new Map(state.childrenOf(folder).map((child) => [nameOf(child.path), child]));
    for (const name of listed) {
      this.#looked += 1;
      if (this.#looked % turnEvery === 0) await nextTurn();
      const path = joinedPath(folder, name);
      const known = held.get(name);
      held.delete(name);
      const found = this.#look(folder, name);
      if (found === undefined) continue;
      const isKnown = known !== undefined && known.kind === found.kind && known.signature === found.signature;
      if (!isKnown) yield { path, found, held: known };
      if (known?.kind === "directory" && found.kind !== "directory") yield* this.#gone(path);
      if (found.kind === "directory" && (deep || !isKnown)) yield* this.differences(path, deep);
    }
    for (const { path, kind } of held.values()) {
      if (local.has(path)) continue;
      if (kind === "directory") yield* this.#gone(path);
      yield { path, found: nothingFound, held: state.get(path) };
    }
  }

  *#gone(folder: string): Generator<Difference> {
    const { state, local } = this.#parts;
    for (const path of state.pathsUnder(folder)) if (!local.has(path)) yield { path, found: nothingFound, held: state.get(path) };
  }

  /** Undefined where nobody can say what is in it: that it is empty must not be believed then. */
  #names(folder: string): string[] | undefined {
    const { folders, local, refused } = this.#parts;
    let entries: Buffer[];
    try {
      entries = readdirSync(folders.get(folder).at("."), { encoding: "buffer" });
    } catch (error) {
      if (folder !== "" && ["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")) return [];
      if (folder === "") throw error;
      refused.add(folder, `the folder cannot be read (${reasonOf(error)}): let the agent's user read it`);
      return undefined;
    }
    const names: string[] = [];
    for (const entry of entries) {
      const name = entry.toString("utf8");
      if (folder === "" && name === privateFolder) continue;
      const path = joinedPath(folder, name);
      const problem = Buffer.from(name, "utf8").equals(entry) ? pathProblem(path) : "its name is not valid UTF-8";
      if (problem !== undefined) refused.add(path, problem);
      else if (!local.has(path)) names.push(name);
    }
    return names;
  }

  #look(folder: string, name: string): Found | undefined {
    const { folders, refused } = this.#parts;
    try {
      return look(folders.get(folder).at(name));
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemErrorCode(error) ?? "")) return nothingFound;
      refused.add(joinedPath(folder, name), reasonOf(error));
      return undefined;
    }
  }
}
