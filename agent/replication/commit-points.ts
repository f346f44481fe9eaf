import { unit } from "../../shared/config/replication.ts";
import { type CommitPoints, isWorthKeeping } from "../../shared/domain/replication/unit-end.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Inside a transaction that writes log entries up to `n`, or after which they end there. */
export function noteCommitPoint(database: SqliteDatabase, n: number): void {
  const last = database.number("SELECT coalesce(max(n), 0) FROM _understudy_commit_point");
  if (isWorthKeeping(n, last, unit.entriesMax)) database.run("INSERT INTO _understudy_commit_point (n) VALUES (?)", n);
}

export function commitPointsOf(database: SqliteDatabase): CommitPoints {
  const found = (sql: string, ...bound: readonly number[]): number | undefined => {
    const n = database.get(sql, ...bound)?.["n"] ?? null;
    return n === null ? undefined : Number(n);
  };
  return {
    lastIn: (after, upTo) => found("SELECT max(n) AS n FROM _understudy_commit_point WHERE n > ? AND n <= ?", after, upTo),
    firstAfter: (after) => found("SELECT min(n) AS n FROM _understudy_commit_point WHERE n > ?", after),
  };
}

/** Inside the transaction that has let log entries go: those before the first one that is left say nothing any more. */
export function forgetCommitPoints(database: SqliteDatabase): void {
  database.exec(`DELETE FROM _understudy_commit_point WHERE n < coalesce((SELECT min(n) FROM _understudy_log), 9223372036854775807)`);
}
