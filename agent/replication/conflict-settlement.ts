import type { TableShape } from "../../shared/domain/replication/change.ts";
import { countersSql, logColumns, operationCode, wallTicksSql } from "./capture-triggers.ts";
import { type Loser, markReapplied, readLoser } from "./conflict-journal.ts";
import { isOpen, markSettled } from "./rival-rows.ts";
import type { SqlValue } from "./row-codec.ts";
import { capturedShapes } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { isLocked } from "./sqlite-problem.ts";
import { deleteRow, insertRow, readRow, updateRow, writeRow } from "./table-row.ts";

/**
 * The loser becomes an ordinary new write: its triggers run, constraints hold, it is captured, and every node takes it. `newKey`: as a row of
 * its own, where two nodes had given two rows one generated key. Rejected with the cause, worded for a person.
 */
export function reapply(database: SqliteDatabase, path: string, id: number, newKey = false): void {
  database.enforceConstraints();
  database.write(() => {
    const line = journalLine(database, id);
    if (line["reapplied_at"] !== null) throw new Error(`conflict ${id} was re-applied already, at ${String(line["reapplied_at"])}`);
    const loser = loserOf(database, id);
    if (!newKey && isOpen(database, id)) throw new Error(`conflict ${id} waits for a decision: resolve it, with --take for what lost`);
    if (newKey) return markReapplied(database, id, writeAnew(database, path, loser));
    write(database, path, loser);
    markReapplied(database, id);
  });
}

/**
 * Somebody has decided: what stands is kept, or the loser is taken. Either is an ordinary write of the row, made in knowledge of all that met there: so it settles
 * the conflict on every node that it reaches, and whatever else waits of the same row.
 */
export function resolveConflict(database: SqliteDatabase, path: string, id: number, decision: "keep" | "take"): void {
  database.enforceConstraints();
  database.write(() => {
    const line = journalLine(database, id);
    if (!isOpen(database, id)) throw new Error(notOpen(id, line));
    const loser = loserOf(database, id);
    const captured = logEnd(database);
    if (decision === "take") write(database, path, loser);
    // What is kept is not written: the log alone says that it was written again. So it is where what is taken changes nothing.
    if (logEnd(database) === captured) captureAgain(database, loser);
    const { tbl = null, key = null } = line;
    for (const { line: other } of database.all("SELECT line FROM _understudy_rival WHERE tbl = ? AND key = ? AND open = 1", tbl, key)) {
      const instead = Number(other) === id ? "taken" : "overwritten";
      markSettled(database, Number(other), decision === "take" ? instead : "kept");
    }
    database.run("DELETE FROM _understudy_rival WHERE tbl = ? AND key = ?", tbl, key);
  });
}

function journalLine(database: SqliteDatabase, id: number): Record<string, SqlValue> {
  const line = database.get("SELECT * FROM _understudy_conflict WHERE id = ?", id);
  if (line === undefined) throw new Error(`the journal has no conflict ${id}, or no longer`);
  return line;
}

function loserOf(database: SqliteDatabase, id: number): Loser {
  const loser = readLoser(database, id);
  if (loser === undefined) throw new Error(`the journal does not have the form of conflict ${id}'s row: write it by the application`);
  return loser;
}

function notOpen(id: number, line: Record<string, SqlValue>): string {
  if (line["settled_at"] === null)
    return `nobody is to decide about conflict ${id}: its table's policy had decided. To have the loser back, re-apply it`;
  return `conflict ${id} was settled already, at ${String(line["settled_at"])} (${String(line["settled_by"])})`;
}

function logEnd(database: SqliteDatabase): number {
  return database.number(`SELECT n FROM ${countersSql}`);
}

function write(database: SqliteDatabase, path: string, { shape, keyValues, values, isPart }: Loser): void {
  asTableTakesIt(shape.table, path, () => {
    if (values === undefined) deleteRow(database, shape, keyValues);
    else if (updateRow(database, shape, values)) return;
    else if (isPart) throw new Error("the row is not there any more, and only some columns of it have lost: write it by the application");
    else writeRow(database, shape, values);
  });
}

/** Returns the key that the table has given it. */
function writeAnew(database: SqliteDatabase, path: string, { shape, values, isPart }: Loser): bigint {
  if (isPart) throw new Error("only some columns of the row have lost: there is no row to be written under a new key");
  if (values === undefined) throw new Error("what lost is a deletion: there is no row to be written under a new key");
  if (!generatesKeys(database, shape))
    throw new Error(`table ${shape.table} generates no keys: write the row by the application, with a key of its own`);
  return asTableTakesIt(shape.table, path, () => insertRow(database, shape, values));
}

/** A key of one INTEGER column is the row's number, which SQLite chooses where none is given. */
function generatesKeys(database: SqliteDatabase, { table, columns, key }: TableShape): boolean {
  const [column] = key.map((position) => columns[position] ?? "");
  const declared = database.get(
    `SELECT i.type, l.wr FROM pragma_table_xinfo(?) AS i, pragma_table_list AS l WHERE i.name = ? AND l.schema = 'main' AND l.name = ?`,
    table,
    column ?? "",
    table,
  );
  return key.length === 1 && String(declared?.["type"]).toUpperCase() === "INTEGER" && Number(declared?.["wr"]) === 0;
}

function asTableTakesIt<Result>(table: string, path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (isLocked(error)) throw error;
    throw new Error(
      `table ${table} of ${path} does not take the row as it was: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** The row as it stands now is logged once more, as if its application had written it again. */
function captureAgain(database: SqliteDatabase, { shape: { table }, keyValues }: Loser): void {
  const number = capturedShapes(database).get(table);
  const form = number === undefined ? undefined : database.get("SELECT form FROM _understudy_shape WHERE id = ?", number)?.["form"];
  if (number === undefined || form === undefined)
    throw new Error(`table ${table} is not replicated any more: there is nothing to be settled`);
  const shape = JSON.parse(String(form)) as TableShape;
  const standing = readRow(database, shape, keyValues);
  const values = standing ?? shape.columns.map((_, position) => keyValues[shape.key.indexOf(position)] ?? null);
  const columns = logColumns(values.length);
  database.run(
    `INSERT INTO _understudy_log (n, origin, seq, hlc, context, shape, operation, ${columns.join(", ")})
     SELECT n + 1, origin, seq + 1, max(hlc + 1, ${wallTicksSql}), context, ?, ?, ${columns.map(() => "?").join(", ")} FROM ${countersSql}`,
    number,
    standing === undefined ? operationCode.delete : operationCode.put,
    ...values,
  );
}
