import type { PathName } from "../ids.ts";
import type { ClusterNode } from "./cluster-document.ts";

/** One way to a node: a network, and the node's address on it. */
export interface LanPath {
  readonly name: PathName;
  /** IP address or host name; the ports are the same on every path. */
  readonly host: string;
}

/** What the path by a node's first address is called. */
export const mainPath = "main" as PathName;

/** Every way to a node, its first address first. */
export function pathsOf({ host, paths = [] }: Pick<ClusterNode, "host" | "paths">): readonly LanPath[] {
  return [{ name: mainPath, host }, ...paths];
}

/** The ways from one node to another: networks that both are on. An unknown node has the first one only. */
export function pathsBetween(
  from: Pick<ClusterNode, "host" | "paths"> | undefined,
  to: Pick<ClusterNode, "host" | "paths">,
): readonly LanPath[] {
  const own = from === undefined ? [mainPath] : pathsOf(from).map(({ name }) => name);
  return pathsOf(to).filter(({ name }) => own.includes(name));
}
