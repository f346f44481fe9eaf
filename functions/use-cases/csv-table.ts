import { stringify } from "csv-stringify/sync";

/** A table as CSV (RFC 4180, UTF-8, one line of headings). Texts that a spreadsheet would take for a formula get an apostrophe in front. */
export function csvTable(records: readonly object[], columns: readonly string[]): string {
  // A line break of either kind within a cell would begin a row, and with it perhaps a formula.
  const quoting = { escape_formulas: true, quoted_match: /[\r\n]/ };
  return stringify([...records], { header: true, columns: [...columns], record_delimiter: "\r\n", ...quoting });
}

/** For a browser to save. `name`: of the file, without its ending. */
export function csvFile(name: string): Record<string, string> {
  return { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}.csv"` };
}
