import { mergeColumns } from "./column-merge.ts";
import type { ColumnWrites } from "./column-writes.ts";
import { place } from "./displacement.ts";
import { type IncomingVersion, isSameWrite, type KnownVersion, knows, standingOf } from "./merge-rule.ts";
import { type IncomingWrite, type MergeTable, note } from "./merge-table.ts";
import { asRival, type Rival, sideOf } from "./rival.ts";

/**
 * Brings one incoming write together with what stands. Whatever it was made in knowledge of is history. Among what is left, the row's open writes, one rule
 * decides (merge-rule.ts). Changes come in an order in which nothing comes before what it knows (admission.ts), so no open write can know the incoming one, and
 * open writes are a matter of the writes alone, never of the order of their arrival. Where two rows with different keys claim one
 * unique value, the later one stands and the other is displaced: kept aside, and put back if the later one goes. So is which rows stand.
 */
export function mergeWrite<Key, Row>(table: MergeTable<Key, Row>, write: IncomingWrite<Row>): void {
  const key = table.keyOf(write.row);
  const standing = table.newestWrite(key);
  const rivals = table.rivals(key);
  const incoming = asRival(write, write.operation === "put" ? write.row : undefined);
  const overtaken =
    standing === undefined || knows(write, standing) ? undefined : asRival(standing, table.read(key) ?? table.displacedRow(key));
  const others = rivals.filter((rival) => !knows(write, rival));
  const open = [incoming, ...(overtaken === undefined ? [] : [overtaken]), ...others] as const;
  const { head: winner, isManual, isByColumn } = standingOf<Rival<Row>>(open);
  if (isByColumn) return mergeColumns(table, key, write, { open, winner, standing, rivals });
  if (open.length > 1 || rivals.length > 0) {
    const losers = open.filter((one) => one !== winner);
    const kept = losers.map((loser): Rival<Row> => {
      if (isSameWrite(loser, winner)) return { ...loser, isOpen: false };
      const isOpen = isManual && !comesToTheSame(table, loser.row, winner.row);
      return {
        ...loser,
        isOpen,
        line: loser.line ?? table.journal({ reason: "same-row", key, winner: sideOf(winner), loser: sideOf(loser) }),
      };
    });
    table.keepRivals(key, kept);
  }
  table.keepColumnWrites(key, undefined);
  if (winner === overtaken) return;
  note(table, key, winner, winner.row !== undefined);
  if (winner.row === undefined) table.remove(key);
  else place(table, winner.row, winner);
}

/** A write is its row's newest. So is each of this node's own, which stand already: a local write comes after all that was applied, and knows it. */
export function noteNewest<Key, Row>(
  table: MergeTable<Key, Row>,
  key: Key,
  version: IncomingVersion & Pick<IncomingWrite<Row>, "written">,
  stands: boolean,
): void {
  table.keepColumnWrites(key, stands ? ownColumnWrites(table, key, version) : undefined);
  note(table, key, asRival(version, undefined), stands);
  if (table.rivals(key).length > 0) table.keepRivals(key, []);
}

/** Undefined: it wrote all of the row. */
function ownColumnWrites<Key, Row>(
  table: MergeTable<Key, Row>,
  key: Key,
  { written, hlc, origin, seq }: KnownVersion & Pick<IncomingWrite<Row>, "written">,
): ColumnWrites | undefined {
  if (written === undefined) return undefined;
  const newest = table.newestWrite(key);
  const { whole, columns } = table.columnWrites(key) ?? { whole: newest && { ...newest, deletes: false }, columns: new Map() };
  return { whole, columns: new Map([...columns, ...written.map((column) => [column, { hlc, origin, seq }] as const)]) };
}

/** Whoever were asked would have nothing to decide. */
function comesToTheSame<Key, Row>(table: MergeTable<Key, Row>, one: Row | undefined, other: Row | undefined): boolean {
  return one === undefined || other === undefined ? one === other : table.isEqual(one, other);
}
