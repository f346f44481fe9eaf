import type { OriginId } from "../ids.ts";
import type { RowVersion } from "./change.ts";
import { compareVersions, type IncomingVersion, isSameWrite, type KnownVersion, knows, standingOf } from "./merge-rule.ts";

/** One table of a replica, inside the transaction that applies. `Key` and `Row` are of the edge's own kind; a row tells its key. */
export interface MergeTable<Key, Row> {
  keyOf(row: Row): Key;
  read(key: Key): Row | undefined;
  /** Neither has a value that the other has not. */
  isEqual(one: Row, other: Row): boolean;
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
  /** The row of this key that waits so. */
  displacedRow(key: Key): Row | undefined;
  displace(row: Row, version: RowVersion): void;
  forgetDisplaced(key: Key): void;
  /** Writes of the row that do not stand, and that no later one knows. */
  rivals(key: Key): readonly Rival<Row>[];
  /** In place of those that were there; what an open one was about is settled where it is not among them any more. */
  keepRivals(key: Key, rivals: readonly Rival<Row>[]): void;
  /** Returns the line's number. */
  journal(conflict: MergeConflict<Key, Row>): number;
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

/** A write that lost to another one without either having known of the other. It may stand yet: when what it lost to is overwritten by somebody who did not know it. */
export interface Rival<Row> extends KnownVersion {
  /** Undefined: it deletes the row. */
  readonly row: Row | undefined;
  /** Of its line in the journal; null where there is none, since it is the standing write under another number. */
  readonly line: number | null;
  /** Somebody is to decide. */
  readonly isOpen: boolean;
}

/** Of a row that nobody has written since the data set's start: older than any write, and the same on every replica. */
export const neverWritten: RowVersion = { hlc: -1, origin: "" as OriginId };

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
  const { head: winner, isManual } = standingOf<Rival<Row>>(open);
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
  if (winner === overtaken) return;
  note(table, key, winner, winner.row !== undefined);
  if (winner.row === undefined) table.remove(key);
  else place(table, winner.row, winner);
}

/** A write is its row's newest. So is each of this node's own, which stand already: a local write comes after all that was applied, and knows it. */
export function noteNewest<Key, Row>(table: MergeTable<Key, Row>, key: Key, version: IncomingVersion, stands: boolean): void {
  note(table, key, asRival(version, undefined), stands);
  if (table.rivals(key).length > 0) table.keepRivals(key, []);
}

function note<Key, Row>(
  table: MergeTable<Key, Row>,
  key: Key,
  { epoch, hlc, origin, seq, policy, context }: KnownVersion,
  stands: boolean,
): void {
  table.noteWrite(key, { epoch, hlc, origin, seq, policy, context }, stands);
  table.forgetDisplaced(key);
}

/** Whoever were asked would have nothing to decide. */
function comesToTheSame<Key, Row>(table: MergeTable<Key, Row>, one: Row | undefined, other: Row | undefined): boolean {
  return one === undefined || other === undefined ? one === other : table.isEqual(one, other);
}

function asRival<Row>({ epoch, hlc, origin, seq, policy, context }: KnownVersion, row: Row | undefined): Rival<Row> {
  const known = policy?.policy === "priority" ? context : undefined;
  return { epoch, hlc, origin, seq, policy, context: known, row, line: null, isOpen: false };
}

function sideOf<Row>({ epoch, hlc, origin, row }: Rival<Row>): MergeConflict<unknown, Row>["loser"] {
  return { epoch, hlc, origin, row };
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
