import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, isStillRunning } from "../../agent/resources/marked-processes.ts";
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

/** Removes what runs that were killed have left behind, and nothing else. Resolves with the names of what was removed. */
export async function removeLeftOvers(): Promise<string[]> {
  const namespaces = (await namespaceNames()).filter(isLeftOver);
  for (const name of namespaces) await new Namespace(name).remove();
  const folders = readdirSync(tmpdir()).filter(isLeftOver);
  for (const folder of folders) rmSync(join(tmpdir(), folder), { recursive: true, force: true });
  return [...namespaces, ...folders];
}

function isLeftOver(name: string): boolean {
  const owner = pattern.exec(name);
  return owner !== null && !isStillRunning({ pid: Number(owner[1]), startTicks: Number(owner[2]) });
}
