import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Above it stands the script, below it what came of it. */
export const traceLine = "---- what happened (written by the test: vitest run -u, and read the difference) ----";

export const scenarioFiles: readonly string[] = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

export function scenarioScript(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8").split(traceLine)[0] ?? "";
}

export function scenarioScripts(): readonly string[] {
  return scenarioFiles.map(scenarioScript);
}
