import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { readChunks } from "../../../agent/files/chunk-reading.ts";
import { FileSet } from "../../../agent/files/file-set.ts";
import type { FileSetPlaces } from "../../../agent/files/files-messages.ts";
import { TreeFolders } from "../../../agent/files/tree-folder.ts";
import type { OriginId } from "../../../shared/domain/ids.ts";
import { LocalPaths } from "../../../shared/domain/replication/files/local-paths.ts";

/** What a follower calls for each new file: it is killed in one of them. */
export type KilledIn = "writeSync" | "linkSync" | "unlinkSync";

export interface KilledFollower {
  readonly places: FileSetPlaces;
  readonly writersTree: string;
  readonly killedIn: KilledIn;
  /** The how many-th call of that is its last. */
  readonly calls: number;
}

/** A follower as a process of its own, which takes the contents from the writer's tree itself and kills itself with -9 at a given call to the disk. */
const { places, writersTree, killedIn, calls } = JSON.parse(process.argv[2] ?? "") as KilledFollower;
let left = calls;
const called = fs[killedIn] as (...values: unknown[]) => unknown;
Object.assign(fs, {
  [killedIn]: (...values: unknown[]): unknown => {
    const result = called(...values);
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    return result;
  },
});
syncBuiltinESMExports();
const writer = { folders: new TreeFolders(writersTree), local: new LocalPaths([]), state: undefined };
const set = new FileSet({
  ...places,
  source: { fetch: async (want) => readChunks(writer, [want]).data },
  onReport: () => undefined,
  onSetAside: () => undefined,
});
set.manifestChanged({ ["node_00000000000000000000:1" as OriginId]: 1 });
await set.roleChanged({ kind: "follower" });
setInterval(() => undefined, 1_000);
