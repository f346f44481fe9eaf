import { constants } from "node:fs";
import { access, readFile, realpath, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DiskFact, PreflightFacts } from "../../shared/domain/preflight/preflight-facts.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { mountOf, parseMounts } from "./mounts.ts";
import { within } from "./within.ts";

const diskMs = 5_000;

/** Whether the agent's user can write its directory, or make it. Nothing is made. */
export async function lookAtDataDirectory(path: string): Promise<PreflightFacts["dataDirectory"]> {
  return within(diskMs, writable(path));
}

async function writable(path: string): Promise<{ readonly path: string; readonly isThere: boolean }> {
  const nearest = await nearestThere(path);
  try {
    if (!(await stat(nearest)).isDirectory()) throw new Error(`${nearest} is no directory`);
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`${path} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
  return { path, isThere: nearest === path };
}

/** The path, or the nearest folder above it that is there. */
async function nearestThere(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const above = dirname(path);
    if (systemErrorCode(error) !== "ENOENT" || above === path) throw error;
    return nearestThere(above);
  }
}

/** Of the agent's directory and of every data set. */
export function lookAtDisks({ dataDir, dataSets }: AgentSettings): Promise<readonly DiskFact[]> {
  const places = [
    { setting: "dataDir", path: dataDir },
    ...Object.entries(dataSets).map(([name, { path }]) => ({ setting: `dataSets.${name}.path`, path })),
  ];
  return Promise.all(
    places.map(async ({ setting, path }) => {
      const seen = await within(diskMs, diskOf(path));
      if ("problem" in seen) return { setting, path, seen, databaseBytes: 0 };
      const { databaseBytes, ...disk } = seen.value;
      return { setting, path, seen: { value: disk }, databaseBytes };
    }),
  );
}

async function diskOf(path: string) {
  const nearest = await nearestThere(path);
  const [real, mountinfo, { bavail, bsize }, found] = await Promise.all([
    realpath(nearest),
    readFile("/proc/self/mountinfo", "utf8"),
    statfs(nearest),
    stat(nearest),
  ]);
  const mount = mountOf(real, parseMounts(mountinfo));
  return {
    fileSystem: mount?.fileSystem ?? "an unknown file system",
    mountPoint: mount?.mountPoint ?? real,
    freeBytes: bavail * bsize,
    databaseBytes: found.isFile() ? found.size : 0,
  };
}
