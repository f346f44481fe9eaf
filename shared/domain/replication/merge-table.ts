import type { OriginId } from "../ids.ts";
import type { RowVersion } from "./change.ts";
import type { ColumnWrites } from "./column-writes.ts";
import type { IncomingVersion, KnownVersion } from "./merge-rule.ts";
import type { Rival } from "./rival.ts";

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
  columnsOf(row: Row): readonly string[];
  /** The row, but for these columns, which are as in `other`. */
  withColumns(row: Row, other: Row, columns: readonly string[]): Row;
  /** The row with its key and these columns alone. */
  onlyColumns(row: Row, columns: readonly string[]): Row;
  /** The row as a write that not every replica has yet carried it; undefined where it carried none, or is forgotten. */
  carriedBy(write: KnownVersion, key: Key): Row | undefined;
  /** Undefined: all columns are of the newest write, as far as that is known. */
  columnWrites(key: Key): ColumnWrites | undefined;
  /** In place of what was there. */
  keepColumnWrites(key: Key, writes: ColumnWrites | undefined): void;
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
  /** The columns that it changed; absent: all of the row. */
  readonly written?: readonly string[] | undefined;
}

/** Of a row that nobody has written since the data set's start: older than any write, and the same on every replica. */
export const neverWritten: RowVersion = { hlc: -1, origin: "" as OriginId };

/** What a write has made of its row stands in nobody's way yet: whatever waited there under its key waits no more. */
export function note<Key, Row>(
  table: MergeTable<Key, Row>,
  key: Key,
  { epoch, hlc, origin, seq, policy, context }: KnownVersion,
  stands: boolean,
): void {
  table.noteWrite(key, { epoch, hlc, origin, seq, policy, context }, stands);
  table.forgetDisplaced(key);
}
