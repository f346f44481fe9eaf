import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "corpus");

/** Inputs that a target has once failed at, or that are worth beginning from; by file name. */
export function corpusOf(target: string): ReadonlyMap<string, Uint8Array> {
  const own = join(folder, target);
  if (!existsSync(own)) return new Map();
  return new Map(
    readdirSync(own)
      .toSorted()
      .map((name) => [name, Uint8Array.from(readFileSync(join(own, name)))]),
  );
}

/** Returns where it lies from now on. */
export function keepInCorpus(target: string, input: Uint8Array): string {
  const file = join(folder, target, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
  mkdirSync(join(folder, target), { recursive: true });
  writeFileSync(file, input);
  return file;
}

/** The targets that something is kept of. */
export function keptTargets(): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}
