import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { mutants } from "./mutants.ts";

const recordFile = resolve(import.meta.dirname, "planted-bugs.json");
export const documentFile = resolve(import.meta.dirname, "../../../shared/domain/replication/REPLICATION.md");

/** The seed that showed each bug last; null where none of those tried did. */
export type ShowedLast = Readonly<Record<string, number | null>>;

export function readShowedLast(): ShowedLast {
  return JSON.parse(readFileSync(recordFile, "utf8")) as ShowedLast;
}

export function plantedBugTable(showedLast: ShowedLast): string {
  const rows = mutants.map(({ name, bug }) => `| ${bug} | ${showedLast[name] ?? "none"} |`);
  return ["| planted bug | seed |", "| --- | --- |", ...rows].join("\n");
}

/** For the tests, and for REPLICATION.md. */
export function saveShowedLast(showedLast: ShowedLast): void {
  writeFileSync(recordFile, `${JSON.stringify(showedLast, null, 2)}\n`);
  const document = readFileSync(documentFile, "utf8");
  const between = /(<!-- planted bugs -->\n)[^]*?(<!-- end of planted bugs -->)/;
  writeFileSync(
    documentFile,
    document.replace(between, (_, head: string, end: string) => `${head}\n${plantedBugTable(showedLast)}\n\n${end}`),
  );
}
