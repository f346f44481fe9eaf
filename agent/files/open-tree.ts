import { join } from "node:path";
import { LocalPaths } from "../../shared/domain/replication/files/local-paths.ts";
import type { TreeTenure } from "../../shared/domain/replication/files/tree-tenure.ts";
import { Assembly, type ChunkSource } from "./assembly.ts";
import type { FileSetPlaces } from "./files-messages.ts";
import { Follower } from "./follower.ts";
import { Installer } from "./installer.ts";
import { requireTree } from "./known-tree.ts";
import { Manifest } from "./manifest.ts";
import { ManifestReading } from "./manifest-reading.ts";
import { PrivateFolders } from "./private-folders.ts";
import { Publisher } from "./publisher.ts";
import type { RefusedPaths } from "./refused-paths.ts";
import { type SetAside, SetAsides } from "./set-aside.ts";
import { Survey } from "./survey.ts";
import type { TreeFolders } from "./tree-folder.ts";
import { TreeState } from "./tree-state.ts";
import type { WorkSignal } from "./work-signal.ts";

export interface TreeHooks {
  readonly folders: TreeFolders;
  readonly refused: RefusedPaths;
  readonly source: ChunkSource;
  readonly onFolder: (path: string) => void;
  readonly onSetAside: (line: SetAside) => void;
  readonly signal: WorkSignal;
  /** Under which this node may write now. */
  readonly writingTenure: () => TreeTenure | undefined;
}

/** Everything that works on one tree, put together for as long as its manifest may be used. */
export interface OpenTree {
  readonly state: TreeState;
  readonly manifest: Manifest;
  readonly reading: ManifestReading;
  readonly survey: Survey;
  readonly publisher: Publisher;
  readonly follower: Follower;
  /** Throws where the folder is no longer the tree. */
  readonly require: () => void;
  /** Resolves when what was put in its place is on the disk. Rejects with `Interrupted`, and with what the disk says. */
  readonly sync: () => Promise<void>;
  /** Everything that is to come is here. */
  readonly cameLevel: () => void;
  readonly close: () => void;
}

/** Throws with the next step where tree, manifest or state cannot be used. */
export function openTree(places: FileSetPlaces, hooks: TreeHooks): OpenTree {
  const { tree } = places;
  const { folders, refused, signal, onFolder, onSetAside, writingTenure } = hooks;
  const privateFolders = new PrivateFolders(tree);
  const state = new TreeState(places.state);
  const local = new LocalPaths(places.local);
  const require = (): void => requireTree(tree, privateFolders, state, places.state);
  let manifest: Manifest;
  try {
    require();
    manifest = new Manifest(places.manifest);
  } catch (error) {
    privateFolders.close();
    state.close();
    throw error;
  }
  const common = { folders, state, refused, local, manifest, signal };
  const assembly = new Assembly({ ...hooks, state, top: tree, private: privateFolders });
  const reading = new ManifestReading(manifest, state);
  const onWritten = (epoch: number, first: number, last: number): void => reading.wrote(epoch, first, last);
  const setAsides = new SetAsides(folders, privateFolders, onSetAside);
  const installer = new Installer({ folders, state, top: tree, private: privateFolders, assembly, setAsides, signal, onFolder });
  for (const name of privateFolders.leftOver) setAsides.keep(name, "found after an interruption", join(privateFolders.outgoing, name));
  return {
    state,
    manifest,
    reading,
    survey: new Survey({ ...common, onFolder }),
    publisher: new Publisher({ ...common, tenure: writingTenure, onWritten }),
    follower: new Follower({ ...common, assembly, installer }),
    require,
    sync: () => installer.sync(),
    cameLevel: () => assembly.clear(),
    close: () => {
      privateFolders.close();
      manifest.close();
      state.close();
    },
  };
}
