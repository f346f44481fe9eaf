import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface OtherVersion {
  /** Its `main.ts`. */
  readonly program: string;
  remove(): void;
}

/** A copy of the agent's code that calls itself by another version, as an upgrade would install it. */
export function otherVersion(version: string): OtherVersion {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "understudy-version-")));
  for (const part of ["agent", "shared", "package.json", "tsconfig.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "agent/version.ts"), `export const agentVersion = ${JSON.stringify(version)};\n`);
  return { program: join(folder, "agent/main.ts"), remove: () => rmSync(folder, { recursive: true }) };
}
