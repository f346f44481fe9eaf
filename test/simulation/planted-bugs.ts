import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { scriptsBySize } from "../scenarios/scripts-by-size.ts";
import { mutants } from "./mutants.ts";
import type { Catch } from "./search.ts";

/** By planted bug and number of nodes: the seed that showed it last; null: none within the search. */
export type ShowedLast = Readonly<Record<string, Readonly<Record<string, number | null>>>>;

const recordFile = resolve(import.meta.dirname, "planted-bugs.json");
const documentFile = resolve(import.meta.dirname, "../../shared/domain/failover/FAILOVER.md");
const sizes = [2, 3, 4, 5, 6, 7, 8];

export function readShowedLast(): ShowedLast {
  return JSON.parse(readFileSync(recordFile, "utf8")) as ShowedLast;
}

/** As FAILOVER.md has it: how many seeds it took at each size, `-` where a bug cannot show there, `script` where only a script shows it, `none` where nothing has. */
export function plantedBugTable(showedLast: ShowedLast): string {
  const head = ["planted bug", "what it is", ...sizes.map((nodes) => `${nodes} nodes`)];
  const rows = mutants.map(({ name, bug, sizes: able }) => [
    name,
    bug,
    ...sizes.map((nodes) => (able.includes(nodes) ? String(showedLast[name]?.[nodes] ?? without(name)) : "-")),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function without(seedsFor: string): string {
  return scriptsBySize.some(({ mutant }) => mutant === seedsFor) ? "script" : "none";
}

/** For the tests, and for FAILOVER.md. Bugs that were not searched for stay as they were. */
export function saveCatches(catches: readonly Catch[]): void {
  const before = readShowedLast();
  const searched = new Set(catches.map(({ mutant }) => mutant));
  const showedLast: Record<string, Record<string, number | null>> = {};
  for (const { name } of mutants) if (!searched.has(name) && before[name] !== undefined) showedLast[name] = { ...before[name] };
  for (const { mutant, nodes, seed } of catches) showedLast[mutant] = { ...showedLast[mutant], [nodes]: seed };
  writeFileSync(recordFile, `${JSON.stringify(showedLast, null, 2)}\n`);
  const document = readFileSync(documentFile, "utf8");
  const shown = document.replace(
    /(<!-- planted bugs -->\n)[^]*?(<!-- end of planted bugs -->)/,
    (_, head: string, end: string) => `${head}\n${plantedBugTable(showedLast)}\n\n${end}`,
  );
  writeFileSync(documentFile, shown);
}
