import type { PathName } from "../../shared/domain/ids.ts";
import { type LanPath, pathsOf } from "../../shared/domain/membership/lan-path.ts";
import type { AgentSettings } from "./agent-settings.ts";

type Listen = Pick<AgentSettings["listen"], "host" | "paths">;

/** Where this node is reached beside `listen.host`, as the cluster document has it. */
export function furtherPaths({ paths }: Listen): readonly LanPath[] {
  return Object.entries(paths).map(([name, host]) => ({ name: name as PathName, host }));
}

/** One of this node's own addresses, by the setting that has it. */
export interface OwnHost {
  readonly setting: string;
  readonly host: string;
  /** Without it the agent does not start. */
  readonly isNeeded: boolean;
}

/** The same, by their settings: `listen.host` first. */
export function ownHosts({ host, paths }: Listen): readonly OwnHost[] {
  const further = Object.entries(paths).map(([name, own]) => ({ setting: `listen.paths.${name}`, host: own, isNeeded: false }));
  return [{ setting: "listen.host", host, isNeeded: true }, ...further];
}

/** This node's own address on every path, the first one first. */
export function ownPaths(listen: Listen): readonly LanPath[] {
  return pathsOf({ host: listen.host, paths: furtherPaths(listen) });
}
