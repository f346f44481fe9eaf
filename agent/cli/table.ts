import { printable } from "./printable.ts";

/** Rows under a heading, each column as wide as its widest cell. Cells may hold what others have said: nothing in them breaks a row, or is obeyed by a terminal. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...(rows.length === 0 ? [["(none)"]] : rows.map((row) => row.map(printable)))];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
