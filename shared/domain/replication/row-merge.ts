import type { OriginId } from "../ids.ts";
import type { RowVersion } from "./change.ts";
import { compareVersions, decideMerge, type IncomingVersion, type KnownVersion } from "./merge-rule.ts";

/** One table of a replica, inside the transaction that applies. `Key` and `Row` are of the edge's own kind; a row tells its key. */
export interface MergeTable<Key, Row> {
  keyOf(row: Row): Key;
  read(key: Key): Row | undefined;
  /** Inserts or overwrites the row of this key; rows in the way by another unique value are gone already. */
  put(row: Row): void;
  remove(key: Key): void;
  /** Rows with another key that hold one of this row's unique values. */
  inTheWayOf(row: Row): readonly Key[];
  /** Undefined where it is forgotten: every replica has it, and nothing older can come any more. */
  newestWrite(key: Key): KnownVersion | undefined;
  /** `stands`: the row is there after it. */
  noteWrite(key: Key, write: KnownVersion, stands: boolean): void;
  /** Rows that lost a unique value and wait for it, the latest first. */
  displaced(): readonly { readonly row: Row; readonly version: RowVersion }[];
  displace(row: Row, version: RowVersion): void;
  forgetDisplaced(key: Key): void;
  journal(conflict: MergeConflict<Key, Row>): void;
}

export interface MergeConflict<Key, Row> {
  readonly reason: "same-row" | "unique-value";
  readonly key: Key;
  /** Absent for a unique value: its winner is another row. */
  readonly winner?: Partial<RowVersion> & { readonly row: Row | undefined };
  readonly loser: Partial<RowVersion> & { readonly row: Row | undefined };
}

export interface IncomingWrite<Row> extends IncomingVersion {
  readonly operation: "put" | "delete";
  readonly row: Row;
}

/** Of a row that nobody has written since the data set's start: older than any write, and the same on every replica. */
export const neverWritten: RowVersion = { hlc: -1, origin: "" as OriginId };

/**
 * Brings one incoming write together with what stands. One rule decides each row (merge-rule.ts). Where two rows with different keys claim one
 * unique value, the later one stands and the other is displaced: kept aside, and put back if the later one goes. So which rows stand depends
 * on the writes alone, never on the order of their arrival.
 */
export function mergeWrite<Key, Row>(table: MergeTable<Key, Row>, write: IncomingWrite<Row>): void {
  const key = table.keyOf(write.row);
  const known = table.newestWrite(key);
  const { incomingWins, conflict } = decideMerge(known, write);
  if (conflict) {
    const incoming = { epoch: write.epoch, hlc: write.hlc, origin: write.origin, row: write.operation === "put" ? write.row : undefined };
    const standing = { ...known, row: table.read(key) };
    const [winner, loser] = incomingWins ? [incoming, standing] : [standing, incoming];
    table.journal({ reason: "same-row", key, winner, loser });
  }
  if (!incomingWins) return;
  noteNewest(table, key, write, write.operation === "put");
  if (write.operation === "delete") table.remove(key);
  else place(table, write.row, write);
}

/** A write is its row's newest. So is each of this node's own, which stand already: a local write comes after all that was applied. */
export function noteNewest<Key, Row>(table: MergeTable<Key, Row>, key: Key, version: KnownVersion, stands: boolean): void {
  const { epoch, hlc, origin, seq } = version;
  table.noteWrite(key, { epoch, hlc, origin, seq }, stands);
  table.forgetDisplaced(key);
}

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

function place<Key, Row>(table: MergeTable<Key, Row>, row: Row, version: RowVersion): void {
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
