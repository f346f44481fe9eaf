import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, isStillRunning } from "../../agent/resources/marked-processes.ts";
import { thawDisksBelow, unmountDisksBelow } from "./disk.ts";
import { Namespace } from "./namespace.ts";
import { namespaceNames } from "./switch.ts";

const pattern = /^understudy-lab-(\d+)-(\d+)-\d+\b/;
let runs = 0;

/** What the namespaces and the folder of a run begin with: it names the process that made them, so that another run can tell whether that still lives. */
export function nextRunName(): string {
  const own = identify(process.pid);
  if (own === null) throw new Error("the lab cannot read its own entry in /proc");
  runs += 1;
  return `understudy-lab-${own.pid}-${own.startTicks}-${runs}`;
}

export function folderOf(runName: string): string {
  return join(tmpdir(), runName);
}

/** Ends every process of a run, and removes its namespaces, its disks and its folder. */
export async function removeRun(runName: string): Promise<void> {
  await removeAll(
    (await namespaceNames()).filter((name) => name.startsWith(`${runName}-`)),
    [folderOf(runName)],
  );
}

/** Removes what runs that were killed have left behind, and nothing else. Resolves with the names of what was removed. */
export async function removeLeftOvers(): Promise<string[]> {
  const namespaces = (await namespaceNames()).filter(isLeftOver);
  const folders = readdirSync(tmpdir()).filter(isLeftOver);
  await removeAll(namespaces, folders.map(folderOf));
  return [...namespaces, ...folders];
}

async function removeAll(namespaces: readonly string[], folders: readonly string[]): Promise<void> {
  // Whoever waits for a disk that hangs cannot be ended.
  for (const folder of folders) await thawDisksBelow(folder);
  for (const name of namespaces) await new Namespace(name).remove();
  for (const folder of folders) {
    await unmountDisksBelow(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

function isLeftOver(name: string): boolean {
  const owner = pattern.exec(name);
  return owner !== null && !isStillRunning({ pid: Number(owner[1]), startTicks: Number(owner[2]) });
}
