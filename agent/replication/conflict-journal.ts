import { limits } from "../../shared/config/limits.ts";
import type { OriginId } from "../../shared/domain/ids.ts";
import type { RowVersion, TableShape } from "../../shared/domain/replication/change.ts";
import { wallMsOf } from "../../shared/domain/replication/hybrid-clock.ts";
import { type ConflictDetail, type ConflictingWrite, type ConflictLine, shownRow, shownValue } from "./conflict-record.ts";
import { decodeRow, type SqlValue } from "./row-codec.ts";
import { shapeNumber } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { readRow } from "./table-row.ts";

/** One side of a conflict: its row as bytes of the codec, in the columns of `shape`; undefined where it deleted the row. */
interface JournalSide extends Partial<RowVersion> {
  readonly shape: TableShape;
  readonly row: Uint8Array | undefined;
}

export interface Conflict {
  readonly reason: ConflictLine["reason"];
  readonly table: string;
  readonly key: Uint8Array;
  readonly winner: JournalSide | undefined;
  readonly loser: JournalSide;
}

/** What the journal has of a loser, for writing it again. */
export interface Loser {
  readonly shape: TableShape;
  readonly keyValues: readonly SqlValue[];
  readonly values: readonly SqlValue[] | undefined;
  /** Some of its columns have lost, and the journal has no others. */
  readonly isPart: boolean;
}

/**
 * Keeps the loser of a merge for people to look at; the oldest lines go when the journal is full, those that somebody is to decide about last. Returns the line's
 * number. Inside the applying transaction.
 */
export function journalConflict(database: SqliteDatabase, { reason, table, key, winner, loser }: Conflict): number {
  database.run(
    `INSERT INTO _understudy_conflict (at, reason, tbl, key, winner_epoch, winner_origin, winner_hlc, winner_shape, winner_row, loser_epoch, loser_origin, loser_hlc, loser_shape, loser_row)
     VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    reason,
    table,
    key,
    winner?.epoch ?? null,
    winner?.origin ?? null,
    winner?.hlc ?? null,
    winner === undefined ? null : shapeNumber(database, winner.shape),
    winner?.row ?? null,
    loser.epoch ?? null,
    loser.origin ?? null,
    loser.hlc ?? null,
    shapeNumber(database, loser.shape),
    loser.row ?? null,
  );
  const line = database.number("SELECT max(id) FROM _understudy_conflict");
  const trimmed = database.run(
    `DELETE FROM _understudy_conflict WHERE id <= ? AND id NOT IN (SELECT line FROM _understudy_rival WHERE open = 1 ORDER BY line DESC LIMIT ?)`,
    line - limits.replicationConflictsKeptMax,
    limits.replicationConflictsKeptMax,
  );
  if (trimmed > 0)
    database.exec("UPDATE _understudy_rival SET open = 0 WHERE open = 1 AND line NOT IN (SELECT id FROM _understudy_conflict)");
  return line;
}

/** The newest lines with a number below `before`, newest first; or of these the ones that somebody is to decide about. */
export function listConflicts(
  database: SqliteDatabase,
  dataSet: string,
  {
    before = Number.MAX_SAFE_INTEGER,
    limit,
    open = false,
  }: { readonly before?: number | undefined; readonly limit: number; readonly open?: boolean | undefined },
): ConflictLine[] {
  return database
    .all(`SELECT * FROM (${lines}) WHERE id < ? ${open ? "AND open = 1" : ""} ORDER BY id DESC LIMIT ?`, before, limit)
    .map((row) => lineOf(dataSet, row));
}

/** Undefined where the journal has no such line, or no longer. Inside a transaction, so that all of it is of one moment. */
export function readConflict(database: SqliteDatabase, dataSet: string, id: number): ConflictDetail | undefined {
  const row = database.get(`${lines} WHERE id = ?`, id);
  if (row === undefined) return undefined;
  const loser = loserOf(database, row);
  const standing = loser === undefined ? undefined : readRow(database, loser.shape, loser.keyValues);
  return {
    ...lineOf(dataSet, row),
    winner: row["winner_shape"] === null ? null : sideOf(database, row, "winner"),
    loser: sideOf(database, row, "loser"),
    now: standing === undefined ? null : shownRow(loser?.shape.columns, standing),
  };
}

/** Undefined where there is no such line, or one without its row's form. */
export function readLoser(database: SqliteDatabase, id: number): Loser | undefined {
  const row = database.get("SELECT * FROM _understudy_conflict WHERE id = ?", id);
  return row === undefined ? undefined : loserOf(database, row);
}

/** `as`: the key that was generated for it. */
export function markReapplied(database: SqliteDatabase, id: number, as: bigint | null = null): void {
  database.run(
    "UPDATE _understudy_conflict SET reapplied_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), reapplied_as = ? WHERE id = ?",
    as,
    id,
  );
}

type JournalRow = Record<string, SqlValue>;

const lines = `SELECT c.*, EXISTS (SELECT 1 FROM _understudy_rival AS r WHERE r.line = c.id AND r.open = 1) AS open FROM _understudy_conflict AS c`;

function lineOf(dataSet: string, row: JournalRow): ConflictLine {
  return {
    dataSet,
    id: Number(row["id"]),
    at: String(row["at"]),
    reason: row["reason"] as ConflictLine["reason"],
    table: String(row["tbl"]),
    key: decodeRow(row["key"] as Uint8Array).map(shownValue),
    winnerOrigin: originOf(row, "winner"),
    loserOrigin: originOf(row, "loser"),
    isOpen: Number(row["open"]) === 1,
    settledAt: textIn(row, "settled_at"),
    settledBy: textIn(row, "settled_by") as ConflictLine["settledBy"],
    reappliedAt: textIn(row, "reapplied_at"),
    reappliedAs: typeof row["reapplied_as"] === "bigint" ? shownValue(row["reapplied_as"]) : null,
  };
}

function textIn(row: JournalRow, column: string): string | null {
  const value = row[column];
  return typeof value === "string" ? value : null;
}

function sideOf(database: SqliteDatabase, row: JournalRow, side: "winner" | "loser"): ConflictingWrite {
  const [epoch, hlc, bytes] = [row[`${side}_epoch`], row[`${side}_hlc`], row[`${side}_row`] as Uint8Array | null];
  const origin = originOf(row, side);
  return {
    origin,
    ...(typeof epoch === "bigint" ? { epoch: Number(epoch) } : {}),
    writtenAt: origin === null ? null : new Date(wallMsOf(Number(hlc))).toISOString(),
    row: bytes === null ? null : shownRow(shapeOf(database, row, side)?.columns, decodeRow(bytes)),
  };
}

function loserOf(database: SqliteDatabase, row: JournalRow): Loser | undefined {
  const shape = shapeOf(database, row, "loser");
  if (shape === undefined) return undefined;
  const bytes = row["loser_row"] as Uint8Array | null;
  const values = bytes === null ? undefined : decodeRow(bytes);
  const keyValues = values === undefined ? decodeRow(row["key"] as Uint8Array) : shape.key.map((position) => values[position] ?? null);
  const isPart = shape.columns.length < (shapeOf(database, row, "winner")?.columns.length ?? 0);
  return { shape, keyValues, values, isPart };
}

function originOf(row: JournalRow, side: "winner" | "loser"): OriginId | null {
  const name = row[`${side}_origin`];
  // A row that nobody has written since the data set's start has an origin without a name.
  return name === null || name === "" ? null : (String(name) as OriginId);
}

function shapeOf(database: SqliteDatabase, row: JournalRow, side: "winner" | "loser"): TableShape | undefined {
  const form = database.get("SELECT form FROM _understudy_shape WHERE id = ?", row[`${side}_shape`] ?? null)?.["form"];
  return form === undefined ? undefined : (JSON.parse(String(form)) as TableShape);
}
