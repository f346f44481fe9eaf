import { limits } from "../../shared/config/limits.ts";
import { readControl, readOrigins } from "../replication/change-log-tables.ts";
import type { SqlValue } from "../replication/row-codec.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import { type CommitId, type CommitPlace, commitId } from "./record-commit.ts";
import { type RecordPage, RecordRefused, type StoredRecord, type WriteCondition } from "./record-request.ts";

/** The one table of a data set of records. Keys are compared as bytes. `version` names the commit that wrote the row. */
export const recordTables = `
  CREATE TABLE IF NOT EXISTS record (
    key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, version TEXT NOT NULL, written_at_ms INTEGER NOT NULL, expires_at_ms INTEGER) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS record_expiry ON record (expires_at_ms) WHERE expires_at_ms IS NOT NULL`;

const columns = "key, value, version, written_at_ms, expires_at_ms";
/** What has expired is not there, whether or not its writer has deleted it yet. */
const alive = "(expires_at_ms IS NULL OR expires_at_ms > ?)";
/** No key begins with it: a bound above all that begin with a prefix. */
const highest = "\u{10ffff}";

/** Undefined where there is none, or it has expired. */
export function readRecord(database: SqliteDatabase, key: string, nowMs: number): StoredRecord | undefined {
  const row = database.get(`SELECT ${columns} FROM record WHERE key = ? AND ${alive}`, key, nowMs);
  return row === undefined ? undefined : recordIn(row);
}

/** In the order of their keys, after one of them. `limit` records at most, and about `limits.recordAnswerBytesMax`. */
export function listRecords(
  database: SqliteDatabase,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number },
  nowMs: number,
): Omit<RecordPage, "position"> {
  const records: StoredRecord[] = [];
  let bytes = 0;
  const sql = `SELECT ${columns} FROM record WHERE key > ? AND key >= ? AND key < ? AND ${alive} ORDER BY key LIMIT ?`;
  for (const [key, value, version, written, expires] of database.rows(sql, after, prefix, prefix + highest, nowMs, limit + 1)) {
    if (records.length === limit || bytes >= limits.recordAnswerBytesMax) return { records, more: true };
    const record = recordIn({ key, value, version, written_at_ms: written, expires_at_ms: expires } as Record<string, SqlValue>);
    records.push(record);
    bytes += record.key.length + record.value.length;
  }
  return { records, more: false };
}

/** Inside a transaction of the data set's writer. Throws `RecordRefused` ("version-differs") where the condition does not hold. */
export function putRecord(
  database: SqliteDatabase,
  {
    key,
    value,
    ttlMs,
    condition,
  }: { readonly key: string; readonly value: string; readonly ttlMs: number | null; readonly condition: WriteCondition },
  nowMs: number,
): StoredRecord {
  require(condition, readRecord(database, key, nowMs));
  database.run(
    `INSERT INTO record (${columns}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
       value = excluded.value, version = excluded.version, written_at_ms = excluded.written_at_ms, expires_at_ms = excluded.expires_at_ms`,
    key,
    value,
    nextCommit(database),
    nowMs,
    ttlMs === null ? null : nowMs + ttlMs,
  );
  const written = database.get(`SELECT ${columns} FROM record WHERE key = ?`, key);
  if (written === undefined) throw new Error(`${database.path}: a record that was written is not there`);
  return recordIn(written);
}

/** As `putRecord`; `RecordRefused` ("unknown-record") where there is none. */
export function deleteRecord(
  database: SqliteDatabase,
  key: string,
  condition: WriteCondition,
  nowMs: number,
): { readonly commit: CommitId } {
  const record = readRecord(database, key, nowMs);
  require(condition, record);
  if (record === undefined) throw new RecordRefused("unknown-record", `there is no record ${key}`);
  const commit = nextCommit(database);
  database.run("DELETE FROM record WHERE key = ?", key);
  return { commit };
}

export function hasExpired(database: SqliteDatabase, nowMs: number): boolean {
  return database.get("SELECT 1 FROM record WHERE expires_at_ms <= ? LIMIT 1", nowMs) !== undefined;
}

/** Inside a transaction of the data set's writer: a batch of those that have expired, the oldest first. Returns how many went. */
export function deleteExpired(database: SqliteDatabase, nowMs: number): number {
  return database.run(
    `DELETE FROM record WHERE key IN (SELECT key FROM record WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ${limits.recordsExpiredAtOnceMax})`,
    nowMs,
  );
}

/** How far this node's own writes are. */
export function ownPlace(database: SqliteDatabase): CommitPlace & { readonly n: number } {
  const { origin, seq, n } = readControl(database);
  const name = readOrigins(database).get(origin)?.name;
  if (name === undefined) throw new Error(`${database.path} does not know its own origin`);
  return { origin: name, seq, n };
}

/** What the one row that is written next will be known by. */
function nextCommit(database: SqliteDatabase): CommitId {
  const { origin, seq } = ownPlace(database);
  return commitId({ origin, seq: seq + 1 });
}

function require(condition: WriteCondition, record: StoredRecord | undefined): void {
  const found = record === undefined ? "there is none" : `it has version ${record.version}`;
  const differs = (wanted: string) => new RecordRefused("version-differs", `${wanted} is asked for, and ${found}`);
  switch (condition.is) {
    case "any":
      return;
    case "present":
      if (record === undefined) throw differs("a record that is there");
      return;
    case "absent":
      if (record !== undefined) throw differs("that there be no record");
      return;
    case "version":
      if (record?.version !== condition.version) throw differs(`version ${condition.version}`);
  }
}

function recordIn(row: Record<string, SqlValue>): StoredRecord {
  const expires = row["expires_at_ms"];
  return {
    key: String(row["key"]),
    value: String(row["value"]),
    version: String(row["version"]),
    writtenAt: new Date(Number(row["written_at_ms"])).toISOString(),
    expiresAt: expires === null ? null : new Date(Number(expires)).toISOString(),
  };
}
