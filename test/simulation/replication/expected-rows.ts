import { compareVersions } from "../../../shared/domain/replication/merge-rule.ts";
import { isRenumbered, nodeOf } from "../../../shared/domain/replication/origin.ts";
import { seqIn } from "../../../shared/domain/replication/version-vector.ts";
import type { Machine } from "./machine.ts";
import { type JournalLine, type Row, type SimulatedChange, writeId } from "./records.ts";

/** What a set of writes comes to, by the rules alone: of each row the latest write, and of rows that claim one name the latest of them. */
export function expectedRows(initial: readonly Row[], writes: readonly SimulatedChange[]): ReadonlyMap<string, Row> {
  const latest = latestWrites(writes);
  const claims = [
    ...[...latest.values()].flatMap((write) => (write.operation === "put" ? [write] : [])),
    ...initial.flatMap((row) => (latest.has(placeOf(row)) ? [] : [{ row, hlc: -1, origin: "" as SimulatedChange["origin"] }])),
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
  const latest = latestWrites(writes);
  const missing: string[] = [];
  for (const [place, ofRow] of Map.groupBy(writes, ({ row }) => placeOf(row))) {
    const winner = latest.get(place);
    for (const loser of ofRow) {
      if (winner === undefined || nodeOf(loser.origin) === nodeOf(winner.origin)) continue;
      const isKnown = ofRow.some(
        (other) => !isSameWrite(other, loser) && ofRow.some((one) => isSameWrite(one, loser) && knows(other, one)),
      );
      if (!isKnown && !lines.has(lineId("same-row", loser.row.table, loser.row.key, loser))) missing.push(writeId(loser));
    }
  }
  for (const [place, { row, version }] of file.entries("displaced")) {
    if (!lines.has(lineId("unique-value", row.table, row.key, version))) missing.push(`the row at ${place} that waits for ${row.name}`);
  }
  return missing;
}

/** A write that a later incarnation has given another number is still one write. */
function isSameWrite(one: SimulatedChange, other: SimulatedChange): boolean {
  return one === other || isRenumbered(one, other);
}

/** `other` was made with `write` in its context. */
function knows(other: SimulatedChange, write: SimulatedChange): boolean {
  if (other.origin === write.origin) return other.seq > write.seq;
  return seqIn(other.context, write.origin) >= write.seq;
}

function latestWrites(writes: readonly SimulatedChange[]): Map<string, SimulatedChange> {
  const latest = new Map<string, SimulatedChange>();
  for (const write of writes) {
    const known = latest.get(placeOf(write.row));
    if (known === undefined || compareVersions(write, known) > 0) latest.set(placeOf(write.row), write);
  }
  return latest;
}

function placeOf({ table, key }: Pick<Row, "table" | "key">): string {
  return `${table} ${key}`;
}

function lineId(reason: string, table: string, key: string, { hlc, origin }: JournalLine["loser"]): string {
  return `${reason} ${table} ${key} ${hlc} ${nodeOf(origin)}`;
}
