import { limits } from "../../shared/config/limits.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import { type RecordChanges, RecordRefused, type StoredRecord } from "./record-request.ts";
import { ownPlace, readRecord } from "./record-table.ts";

const entriesAtOnceMax = 1_000;

/** Where in this replica's log a watcher is. Other replicas, and this one after it was replaced, number their logs in ways of their own. */
export function positionOf(database: SqliteDatabase): string {
  const { n, origin } = ownPlace(database);
  return `${n}@${origin}`;
}

/**
 * What was written after a position, with the records as they stand now; nothing where nothing was, and then the position still moves on over what is not
 * asked for. Throws `RecordRefused` ("position-gone") where the log does not reach back to it any more.
 */
export function changesAfter(database: SqliteDatabase, position: string, prefix: string, nowMs: number): RecordChanges {
  const { n: end, origin } = ownPlace(database);
  const [number, of] = position.split("@");
  const after = Number(number);
  if (of !== origin || !Number.isSafeInteger(after) || after > end) throw gone();
  const upTo = Math.min(end, after + entriesAtOnceMax);
  const entries = database.all(
    `SELECT l.n, l.c0, json_extract(s.form, '$.table') AS tbl FROM _understudy_log AS l JOIN _understudy_shape AS s ON s.id = l.shape
     WHERE l.n > ? AND l.n <= ? ORDER BY l.n`,
    after,
    upTo,
  );
  if (entries.length !== upTo - after) throw gone();
  const changes = new Map<string, StoredRecord | null>();
  let bytes = 0;
  for (const { n, c0, tbl } of entries) {
    const key = String(c0);
    if (tbl !== "record" || !key.startsWith(prefix) || changes.has(key)) continue;
    if (bytes >= limits.recordAnswerBytesMax) return told(changes, `${Number(n) - 1}@${origin}`);
    const record = readRecord(database, key, nowMs) ?? null;
    bytes += key.length + (record?.value.length ?? 0);
    changes.set(key, record);
  }
  return told(changes, `${upTo}@${origin}`);
}

function told(changes: ReadonlyMap<string, StoredRecord | null>, position: string): RecordChanges {
  return { changes: [...changes].map(([key, record]) => ({ key, record })), position };
}

function gone(): RecordRefused {
  return new RecordRefused("position-gone", "what was written since that position is not known here any more");
}
