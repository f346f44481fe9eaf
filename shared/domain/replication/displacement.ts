import type { RowVersion } from "./change.ts";
import { compareVersions } from "./merge-rule.ts";
import { type MergeTable, neverWritten } from "./merge-table.ts";

/** Puts displaced rows back where nothing later stands in their way any more. */
export function settleDisplaced<Key, Row>(table: MergeTable<Key, Row>): void {
  // Each round puts back the latest row that can stand; it may displace earlier ones, never a later one, so this ends.
  for (;;) {
    const free = table.displaced().find(({ row, version }) => !isLaterInTheWay(table, row, version));
    if (free === undefined) return;
    table.forgetDisplaced(table.keyOf(free.row));
    place(table, free.row, free.version);
  }
}

/** Puts a row where it belongs: into the table, in place of earlier ones that have one of its unique values, or aside where a later one has it. */
export function place<Key, Row>(table: MergeTable<Key, Row>, row: Row, version: RowVersion): void {
  if (isLaterInTheWay(table, row, version)) {
    table.remove(table.keyOf(row));
    return displace(table, row, version);
  }
  for (const key of table.inTheWayOf(row)) {
    const standing = table.read(key);
    if (standing === undefined) continue;
    table.remove(key);
    displace(table, standing, table.newestWrite(key) ?? neverWritten);
  }
  table.put(row);
}

function isLaterInTheWay<Key, Row>(table: MergeTable<Key, Row>, row: Row, version: RowVersion): boolean {
  return table.inTheWayOf(row).some((key) => compareVersions(table.newestWrite(key) ?? neverWritten, version) > 0);
}

function displace<Key, Row>(table: MergeTable<Key, Row>, row: Row, { epoch, hlc, origin }: RowVersion): void {
  table.journal({ reason: "unique-value", key: table.keyOf(row), loser: { epoch, hlc, origin, row } });
  table.displace(row, { epoch, hlc, origin });
}
