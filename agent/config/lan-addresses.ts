import type { PathName } from "../../shared/domain/ids.ts";
import { type LanPath, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import type { AgentSettings } from "./agent-settings.ts";

type Listen = Pick<AgentSettings["listen"], "host" | "paths">;

/** Where this node is reached beside `listen.host`, as the cluster document has it. */
export function furtherPaths({ paths }: Listen): readonly LanPath[] {
  return Object.entries(paths).map(([name, host]) => ({ name: name as PathName, host }));
}

/** This node's own address on every path, the first one first. */
export function ownPaths(listen: Listen): readonly LanPath[] {
  return pathsOf({ host: listen.host, paths: furtherPaths(listen) });
}
