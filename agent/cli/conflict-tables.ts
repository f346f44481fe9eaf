import type { ConflictDetail, ConflictingWrite, ConflictLine, ShownRow, ShownValue } from "../replication/conflict-record.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

const charactersMax = 60;

type Fate = Pick<ConflictLine, "isOpen" | "settledAt" | "settledBy" | "reappliedAt" | "reappliedAs">;

export function conflictTable(lines: readonly ConflictLine[]): string {
  const rows = lines.map(({ id, at, dataSet, table: name, key, reason, winnerOrigin, loserOrigin, ...fate }) => [
    String(id),
    at,
    dataSet,
    printable(name),
    key.map(shown).join(", "),
    reason,
    winnerOrigin ?? "-",
    loserOrigin ?? "-",
    becameOf(fate),
  ]);
  return table(["NUMBER", "MET AT", "DATA SET", "TABLE", "KEY", "REASON", "STANDS", "LOST", "SINCE"], rows);
}

/** What has become of a conflict since it was met. */
function becameOf({ isOpen, settledAt, settledBy, reappliedAt, reappliedAs }: Fate): string {
  if (isOpen) return "waits for a decision";
  if (reappliedAt !== null) return `re-applied ${reappliedAt}${reappliedAs === null ? "" : ` as ${shown(reappliedAs)}`}`;
  return settledAt === null ? "-" : `${settledBy ?? "settled"} ${settledAt}`;
}

/** Column by column what won, what lost, and what stands now; `*` marks where winner and loser differ. */
export function comparison(detail: ConflictDetail): string {
  const { winner, loser, now } = detail;
  const columns = [...new Set([loser.row, winner?.row, now].flatMap((row) => Object.keys(row ?? {})))];
  const rows = columns.map((column) => {
    const [won, lost] = [cell(winner?.row, column), cell(loser.row, column)];
    return [won === lost || winner === null ? "" : "*", printable(column), winner === null ? "?" : won, lost, cell(now, column)];
  });
  const head = `Conflict ${detail.id} of data set ${detail.dataSet}, table ${printable(detail.table)}, key ${detail.key.map(shown).join(", ")} (${detail.reason}), met at ${detail.at}.`;
  const waits = detail.isOpen
    ? ["It waits for a decision: understudy agent conflicts resolve, with --keep for what stands or --take for what lost."]
    : [];
  const sides = [`Won: ${winner === null ? "see the row that stands in its way" : said(winner)}.`, `Lost: ${said(loser)}.`];
  return [head, ...waits, ...sides, "", table(["", "COLUMN", "WON", "LOST", "NOW"], rows)].join("\n");
}

function said({ origin, epoch, writtenAt, row }: ConflictingWrite): string {
  return `${origin ?? "as at the data set's start"}${epoch === undefined ? "" : ` under epoch ${epoch}`}${writtenAt === null ? "" : `, at ${writtenAt}`}${row === null ? ", the row's deletion" : ""}`;
}

function cell(row: ShownRow | null | undefined, column: string): string {
  const value = row?.[column];
  return value === undefined ? "-" : shown(value);
}

export function shown(value: ShownValue): string {
  const text = printable(textOf(value));
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}...`;
}

function textOf(value: ShownValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value === "number") return String(value);
  return "integer" in value ? value.integer : `base64:${value.base64}`;
}
