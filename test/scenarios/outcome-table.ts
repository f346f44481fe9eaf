import type { Outcome, Situation } from "./outcomes.ts";

export const tableBegins = "<!-- outcomes: begin -->";
export const tableEnds = "<!-- outcomes: end -->";

/** One line for each situation, as Markdown; the cloud has none of its own, since nothing depends on it. */
export function outcomeTable(rows: readonly (readonly [Situation, Outcome])[]): string {
  const head = ["cluster", "dies", "link", "witness", "who runs the group then", "and when all is well again"];
  const cells = rows.map(([situation, outcome]) => [
    situation.cluster,
    situation.killed,
    situation.link,
    situation.witness,
    during(outcome),
    after(outcome),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

function during({ runs, downMs, operatorCan, said }: Outcome): string {
  if (runs === "both") return "both, until they hear each other (S3)";
  if (runs === "the holder") return "the holder goes on";
  if (runs === "another" && downMs !== null) return `another, after ${(downMs / 1_000).toFixed(1)} s`;
  const states = [...new Set(said)].map((state) => `\`${state}\``).join(", ");
  const nobody = `nobody: ${states}`;
  return operatorCan ? `${nobody}; another at an operator's word` : nobody;
}

function after({ runsAfter }: Outcome): string {
  return runsAfter === "nobody" ? "nobody" : runsAfter === "the holder" ? "the old holder" : "another";
}

/** The document with the table between its marks. Throws where it has no such place. */
export function withTable(document: string, table: string): string {
  const [before, rest] = document.split(tableBegins);
  const after = rest?.split(tableEnds)[1];
  if (before === undefined || after === undefined) throw new Error(`the document has no place between ${tableBegins} and ${tableEnds}`);
  return `${before}${tableBegins}\n\n${table}\n\n${tableEnds}${after}`;
}
