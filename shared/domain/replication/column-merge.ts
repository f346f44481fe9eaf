import { type ColumnWrite, type LostColumns, settleColumns } from "./column-writes.ts";
import { place } from "./displacement.ts";
import { type KnownVersion, latestOf } from "./merge-rule.ts";
import { type IncomingWrite, type MergeConflict, type MergeTable, note } from "./merge-table.ts";
import { asRival, type Rival, sideOf } from "./rival.ts";

/** What an incoming write meets. */
export interface MetWrites<Row> {
  /** Writes of the row that no other one knows, the incoming one among them, and the latest of them. */
  readonly open: readonly Rival<Row>[];
  readonly winner: Rival<Row>;
  /** Before the incoming one came. */
  readonly standing: KnownVersion | undefined;
  readonly rivals: readonly Rival<Row>[];
}

/** Brings a write together with what stands, column by column. Writes that are open are kept all the same: a later policy may have to choose among them. */
export function mergeColumns<Key, Row>(table: MergeTable<Key, Row>, key: Key, write: IncomingWrite<Row>, met: MetWrites<Row>): void {
  const { open, winner, standing } = met;
  const before = whatStood(table, key, met);
  const { newest, row } = before;
  const { row: outcome, lost, writes } = settleColumns({ ...before, stands: row !== undefined }, columnWrite(table, write));
  for (const one of lost) table.journal({ reason: "same-row", key, ...sidesOf(table, one, { write, row }) });
  const isStanding = winner.origin === standing?.origin && winner.seq === standing.seq;
  const losers = open.filter((one) => one !== winner).map((one) => ({ ...one, isOpen: false }));
  if (losers.length > 0 || met.rivals.length > 0) table.keepRivals(key, losers);
  table.keepColumnWrites(key, writes.columns.size === 0 ? undefined : writes);
  if (!isStanding) note(table, key, winner, winner.row !== undefined);
  if (outcome === "gone") return table.remove(key);
  // Whoever wrote it had all of the others: what it carries is what they come to.
  if (outcome === "incoming" || (open.length === 1 && write.operation === "put")) return stand(table, key, write.row, winner);
  if (isStanding && outcome.columns.length === 0) return;
  const source = outcome.from === "incoming" || newest === undefined ? write.row : table.carriedBy(newest, key);
  if (row === undefined) return table.remove(key);
  stand(table, key, source === undefined ? row : table.withColumns(row, source, outcome.columns), winner);
}

function stand<Key, Row>(table: MergeTable<Key, Row>, key: Key, row: Row, version: KnownVersion): void {
  table.forgetDisplaced(key);
  place(table, row, version);
}

/** By another policy what stood need not have been the newest. */
function whatStood<Key, Row>(table: MergeTable<Key, Row>, key: Key, { standing, rivals }: MetWrites<Row>) {
  const shown = table.read(key) ?? table.displacedRow(key);
  const [first, ...others] = [...(standing === undefined ? [] : [asRival(standing, shown)]), ...rivals];
  const newest = first === undefined ? undefined : latestOf([first, ...others]);
  const row = newest === undefined ? shown : newest.row;
  const whole = newest === undefined ? undefined : { ...newest, deletes: row === undefined };
  return { newest, row, writes: table.columnWrites(key) ?? { whole, columns: new Map<string, KnownVersion>() } };
}

function columnWrite<Key, Row>(table: MergeTable<Key, Row>, write: IncomingWrite<Row>): ColumnWrite {
  const columns = table.columnsOf(write.row);
  return { ...write, deletes: write.operation === "delete", columns, written: write.written ?? columns };
}

/** Of a row that lost some of its columns the journal has these. */
function sidesOf<Key, Row>(
  table: MergeTable<Key, Row>,
  { version, columns, to }: LostColumns,
  { write, row }: { readonly write: IncomingWrite<Row>; readonly row: Row | undefined },
): Required<Pick<MergeConflict<Key, Row>, "winner" | "loser">> {
  const incoming = write.operation === "put" ? write.row : undefined;
  const isIncoming = version.origin === write.origin && version.seq === write.seq;
  const lost = isIncoming ? incoming : row;
  const loser = columns === null || lost === undefined ? undefined : table.onlyColumns(lost, columns);
  return { winner: sideOf(asRival(to, isIncoming ? row : incoming)), loser: sideOf(asRival(version, loser)) };
}
