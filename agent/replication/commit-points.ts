import { unit } from "../../shared/config/replication.ts";
import { type CommitPoints, isWorthKeeping } from "../../shared/domain/replication/unit-end.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Inside a transaction that writes log entries up to `n`, or after which they end there. */
export function noteCommitPoint(database: SqliteDatabase, n: number): void {
  const last = database.number("SELECT coalesce(max(n), 0) FROM _understudy_commit_point");
  if (isWorthKeeping(n, last, unit.entriesMax)) database.run("INSERT INTO _understudy_commit_point (n) VALUES (?)", n);
}

/** Where one look after the other has found a log's end, since it was last written to: its file can be read at any time, but be written to only where its application lets go of it. */
export class SeenEnds {
  #ends: number[] = [];
  #logEnd = 0;

  /** As it was seen last. */
  get logEnd(): number {
    return this.#logEnd;
  }

  saw(logEnd: number): void {
    // The file has gone back: what was seen is of another log.
    if (logEnd < this.#logEnd) this.#ends = [];
    this.#logEnd = logEnd;
    if (isWorthKeeping(logEnd, this.#ends.at(-1) ?? 0, unit.entriesMax)) this.#ends.push(logEnd);
  }

  /** Inside a transaction. */
  note(database: SqliteDatabase): void {
    for (const end of this.#ends) noteCommitPoint(database, end);
  }

  /** They are written down. */
  noted(): void {
    this.#ends = this.#ends.slice(-1);
  }
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
