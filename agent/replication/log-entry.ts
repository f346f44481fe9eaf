import type { TableShape } from "../../shared/domain/replication/change.ts";
import { operationCode } from "./capture-triggers.ts";
import type { SqlValue } from "./row-codec.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { loggedWidth } from "./written-columns.ts";

/** An entry of the log, as capture or another node's change has left it there. `origin` and `context` are numbers of this file. */
export interface LogEntry {
  readonly n: number;
  readonly origin: number;
  readonly seq: number;
  readonly hlc: number;
  readonly context: number;
  readonly shape: TableShape;
  readonly isPut: boolean;
  /** In the order of the shape's columns, and what says which were changed (written-columns.ts). */
  readonly values: readonly SqlValue[];
}

/** Entries by a query for whole rows of the log. Throws where one refers to a table form that the file does not have. */
export function* logEntries(database: SqliteDatabase, sql: string, ...bound: readonly number[]): Generator<LogEntry> {
  const shapes = new Map<number, TableShape>();
  for (const row of database.rows(sql, ...bound)) {
    const shape = remembered(shapes, Number(row[5]), (id) => readShape(database, id));
    yield {
      n: Number(row[0]),
      origin: Number(row[1]),
      seq: Number(row[2]),
      hlc: Number(row[3]),
      context: Number(row[4]),
      shape,
      isPut: Number(row[6]) === operationCode.put,
      values: row.slice(7, 7 + loggedWidth(shape)),
    };
  }
}

/** What was made for a key once is used again. */
export function remembered<Key, Value>(known: Map<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const present = known.get(key);
  if (present !== undefined) return present;
  const made = make(key);
  known.set(key, made);
  return made;
}

function readShape(database: SqliteDatabase, id: number): TableShape {
  const row = database.get("SELECT form FROM _understudy_shape WHERE id = ?", id);
  if (row === undefined) throw new Error(`${database.path}: the log refers to an unknown table form ${id}`);
  return JSON.parse(String(row["form"])) as TableShape;
}
