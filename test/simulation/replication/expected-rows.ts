import { compareVersions, isSameWrite, knows, standingOf } from "../../../shared/domain/replication/merge-rule.ts";
import { nodeOf } from "../../../shared/domain/replication/origin.ts";
import { losersByColumns, rowByColumns } from "./expected-columns.ts";
import type { Machine } from "./machine.ts";
import { type JournalLine, type Row, type SimulatedChange, writeId } from "./records.ts";

/**
 * What a set of writes comes to, by the rules alone: of each row's writes that no other one of it knows the one that its policy chooses, and of rows that claim
 * one name the latest of them.
 */
export function expectedRows(initial: readonly Row[], writes: readonly SimulatedChange[]): ReadonlyMap<string, Row> {
  const settled = settledRows(writes, initial);
  const claims = [
    ...[...settled.values()].flatMap(({ winner: { hlc, origin }, row }) => (row === undefined ? [] : [{ row, hlc, origin }])),
    ...initial.flatMap((row) => (settled.has(placeOf(row)) ? [] : [{ row, hlc: -1, origin: "" as SimulatedChange["origin"] }])),
  ];
  const rows = new Map<string, Row>();
  const taken = new Set<string>();
  for (const { row } of claims.toSorted((one, other) => compareVersions(other, one))) {
    const name = row.name === null ? null : `${row.table} ${row.name}`;
    if (name !== null && taken.has(name)) continue;
    if (name !== null) taken.add(name);
    rows.set(placeOf(row), row);
  }
  return rows;
}

/**
 * Writes that lost and that this machine must have journalled: those that no other write of the row knew of, for every node that merges them sees
 * them lose. And rows that wait for a unique value.
 */
export function unjournalled({ file }: Machine, writes: readonly SimulatedChange[]): readonly string[] {
  if (file === undefined) return [];
  const lines = new Set([...file.entries("journal")].map(([, line]) => lineId(line.reason, line.table, line.key, line.loser)));
  const missing: string[] = [];
  for (const { winner, losers } of settledRows(writes).values()) {
    for (const loser of losers) {
      if (nodeOf(loser.origin) === nodeOf(winner.origin)) continue;
      if (!lines.has(lineId("same-row", loser.row.table, loser.row.key, loser))) missing.push(writeId(loser));
    }
  }
  for (const [place, { row, version }] of file.entries("displaced")) {
    if (!lines.has(lineId("unique-value", row.table, row.key, version))) missing.push(`the row at ${place} that waits for ${row.name}`);
  }
  return missing;
}

/** In what this machine's queue of open conflicts differs, at these places, from what a person is to decide: writes under `manual` that wait behind one that stands. */
export function notInQueue({ file }: Machine, writes: readonly SimulatedChange[], isJudged: (place: string) => boolean): readonly string[] {
  if (file === undefined) return [];
  const queued = new Set(
    [...file.entries("rivals")].flatMap(([place, rivals]) =>
      rivals.flatMap((rival) => (rival.isOpen && isJudged(place) ? [writeId(rival)] : [])),
    ),
  );
  const wanted = new Set(
    [...settledRows(writes)].flatMap(([place, { winner, losers, isManual }]) =>
      losers.flatMap((loser) => (isManual && isJudged(place) && waits(loser, winner) ? [writeId(loser)] : [])),
    ),
  );
  return [
    ...[...wanted].filter((write) => !queued.has(write)).map((write) => `does not ask what is to become of ${write}`),
    ...[...queued].filter((write) => !wanted.has(write)).map((write) => `still asks what is to become of ${write}`),
  ];
}

function waits(loser: SimulatedChange, winner: SimulatedChange): boolean {
  return !isSameWrite(loser, winner) && (loser.operation === "put" || winner.operation === "put");
}

interface SettledRow {
  readonly winner: SimulatedChange;
  readonly row: Row | undefined;
  /** Whose loss nobody has overwritten knowingly. */
  readonly losers: readonly SimulatedChange[];
  readonly isManual: boolean;
}

function settledRows(writes: readonly SimulatedChange[], initial: readonly Row[] = []): ReadonlyMap<string, SettledRow> {
  const settled = new Map<string, SettledRow>();
  for (const [place, ofRow] of Map.groupBy(writes, ({ row }) => placeOf(row))) {
    const [first, ...others] = ofRow.filter((write) => !ofRow.some((other) => other !== write && knows(other, write)));
    if (first === undefined) throw new Error(`the writes of ${place} know each other in a circle`);
    const { head: winner, isManual, isByColumn } = standingOf([first, ...others]);
    const before = initial.find((row) => placeOf(row) === place);
    const row = winner.operation === "put" ? winner.row : undefined;
    if (isByColumn)
      settled.set(place, { winner, row: rowByColumns(ofRow, winner, before), losers: losersByColumns(ofRow, winner), isManual });
    else settled.set(place, { winner, row, losers: [first, ...others].filter((one) => one !== winner), isManual });
  }
  return settled;
}

function placeOf({ table, key }: Pick<Row, "table" | "key">): string {
  return `${table} ${key}`;
}

function lineId(reason: string, table: string, key: string, { hlc, origin }: JournalLine["loser"]): string {
  return `${reason} ${table} ${key} ${hlc} ${nodeOf(origin)}`;
}
