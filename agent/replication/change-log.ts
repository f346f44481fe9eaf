import { limits } from "../../shared/config/limits.ts";
import { unit } from "../../shared/config/replication.ts";
import type { NodeId, OriginId } from "../../shared/domain/ids.ts";
import type { Change } from "../../shared/domain/replication/change.ts";
import { wallMsOf } from "../../shared/domain/replication/hybrid-clock.ts";
import type { LogExtent } from "../../shared/domain/replication/log-limits.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { unitEnd } from "../../shared/domain/replication/unit-end.ts";
import { seqIn } from "../../shared/domain/replication/version-vector.ts";
import { givenOf } from "../../shared/domain/replication/withholding.ts";
import { notePruned, readControl, readOrigins, vectorOf } from "./change-log-tables.ts";
import { commitPointsOf, forgetCommitPoints } from "./commit-points.ts";
import { logEntries, remembered } from "./log-entry.ts";
import { encodeRow } from "./row-codec.ts";
import { literal, type SqliteDatabase } from "./sqlite-database.ts";
import { readContext, type WriteContext } from "./write-context.ts";

/** A change with its row's bytes (row-codec.ts), as it travels and as it is applied. */
export type LoggedChange = Change<Uint8Array<ArrayBuffer>>;

export interface LogPiece {
  readonly changes: readonly LoggedChange[];
  /** The place in the log up to which this piece has looked. */
  readonly readTo: number;
  /** The place up to which all is one unit, that ends with this piece where it is `readTo`. */
  readonly unitEnd: number;
}

/**
 * Changes that `peer` lacks, from the log's entries after `after` and up to `upTo`, about one frame full, and of one unit (unit-end.ts); of what `node` made no more than `givenUpTo` (null:
 * all). Everything up to an `upTo` that was the log's end in some read snapshot is a whole number of the application's transactions.
 */
export function readLog(
  database: SqliteDatabase,
  after: number,
  upTo: number,
  peer: VersionVector,
  { node, givenUpTo }: { readonly node: NodeId; readonly givenUpTo: VersionVector | null },
): LogPiece {
  return database.read(() => {
    const origins = readOrigins(database);
    const given = givenOf(node, vectorOf(origins), givenUpTo);
    const lacking = [...origins].filter(([, { name }]) => seqIn(given, name) > seqIn(peer, name));
    if (lacking.length === 0 || after >= upTo) return { changes: [], readTo: upTo, unitEnd: upTo };
    const wanted = lacking
      .map(([id, { name }]) => `(origin = ${id} AND seq > ${seqIn(peer, name)} AND seq <= ${seqIn(given, name)})`)
      .join(" OR ");
    const contexts = new Map<number, WriteContext>();
    const changes: LoggedChange[] = [];
    let bytes = 0;
    let readTo = upTo;
    let end: number | undefined;
    const sql = `SELECT * FROM _understudy_log WHERE n > ? AND n <= ? AND (${wanted}) ORDER BY n`;
    for (const { n, origin, seq, hlc, context, shape, isPut, values } of logEntries(database, sql, after, upTo)) {
      end ??= unitEnd(commitPointsOf(database), { after: n - 1, upTo }, unit.entriesMax);
      if (n > end) {
        readTo = end;
        break;
      }
      const row = encodeRow(values);
      const { vector, epoch } = remembered(contexts, context, () => readContext(database, context));
      changes.push({
        origin: origins.get(origin)?.name ?? unknownOrigin(database, origin),
        seq,
        hlc,
        epoch,
        context: vector,
        shape,
        operation: isPut ? "put" : "delete",
        row,
      });
      bytes += row.length + 32;
      if (bytes >= limits.replicationChangesBytesTarget || changes.length >= limits.replicationChangesPerFrameMax) {
        readTo = n;
        break;
      }
    }
    end ??= upTo;
    return { changes, readTo: Math.min(readTo, end), unitEnd: end };
  });
}

/** Time of the oldest own change after `seq`, and its place; undefined where there is none. `from` is a place known to be before it. */
export function oldestOwnAfter(
  database: SqliteDatabase,
  seq: number,
  from: number,
): { readonly hlc: number; readonly n: number } | undefined {
  const row = database.get(
    "SELECT n, hlc FROM _understudy_log WHERE n > ? AND origin = ? AND seq > ? ORDER BY n LIMIT 1",
    from,
    readControl(database).origin,
    seq,
  );
  return row === undefined ? undefined : { n: Number(row["n"]), hlc: Number(row["hlc"]) };
}

/** So many go at a time, so that the application never waits long. */
export const pruneEntriesMax = 10_000;

/**
 * Removes what every member has, `pruneEntriesMax` at most. Returns how many entries went.
 * `contested` are the tables with unique values beside their key: which of two rows with one value stands depends on when each was written, so
 * their standing rows keep that; members forget at different times, and would decide differently.
 */
export function pruneLog(database: SqliteDatabase, stable: VersionVector, contested: readonly string[]): number {
  return database.write(() => {
    const ids = [...readOrigins(database)].filter(([, { name }]) => seqIn(stable, name) > 0);
    if (ids.length === 0) return 0;
    notePruned(database, { settled: stable });
    const settledIn = (of: string) =>
      ids.map(([id, { name }]) => `(${of}origin = ${id} AND ${of}seq <= ${seqIn(stable, name)})`).join(" OR ");
    const settled = settledIn("");
    const pruned = database.run(
      `DELETE FROM _understudy_log WHERE n IN (SELECT n FROM _understudy_log WHERE n <= (SELECT absorbed FROM _understudy_control) AND (${settled}) ORDER BY n LIMIT ${pruneEntriesMax})`,
    );
    forgetCommitPoints(database);
    // A row whose newest write every member has can meet no older one any more: it loses to whatever comes, as it should.
    if (pruned < pruneEntriesMax) {
      // Of a row's columns all is forgotten, or nothing: what is left would be taken for the rest of them.
      database.exec(
        `DELETE FROM _understudy_column_write AS c WHERE NOT EXISTS
           (SELECT 1 FROM _understudy_column_write AS o WHERE o.tbl = c.tbl AND o.key = c.key AND NOT (${settledIn("o.")}));
         DELETE FROM _understudy_row_version WHERE (${settled}) AND NOT (stands = 1 AND tbl IN (${contested.map(literal).join(", ")})) AND NOT EXISTS
           (SELECT 1 FROM _understudy_displaced AS d WHERE d.tbl = _understudy_row_version.tbl AND d.key = _understudy_row_version.key)
           AND NOT EXISTS (SELECT 1 FROM _understudy_column_write AS c WHERE c.tbl = _understudy_row_version.tbl AND c.key = _understudy_row_version.key);
         DELETE FROM _understudy_rival WHERE (${settled}) AND open = 0;
         UPDATE _understudy_row_version SET policy = NULL, context = NULL WHERE policy IS NOT NULL AND (${settled});
         DELETE FROM _understudy_context WHERE id <> (SELECT context FROM _understudy_control) AND id NOT IN (SELECT context FROM _understudy_log)
           AND id NOT IN (SELECT context FROM _understudy_row_version WHERE policy IS NOT NULL AND context IS NOT NULL)
           AND id NOT IN (SELECT context FROM _understudy_rival WHERE context IS NOT NULL);`,
      );
    }
    return pruned;
  });
}

/**
 * Removes entries beyond the limits that a member lacks and `spare` covers, `pruneEntriesMax` at most. Returns how many went. What is kept beside the rows
 * stays until every member has the changes: whoever was away may still bring writes that were made without knowledge of them.
 */
export function letGoBeyond(database: SqliteDatabase, spare: VersionVector, upTo: number): number {
  return database.write(() => {
    const ids = [...readOrigins(database)].flatMap(([id, { name }]) =>
      seqIn(spare, name) > 0 ? [{ id, name, seq: seqIn(spare, name) }] : [],
    );
    if (ids.length === 0) return 0;
    const spared = ids.map(({ id, seq }) => `(origin = ${id} AND seq <= ${seq})`).join(" OR ");
    const going = `SELECT n, origin, seq FROM _understudy_log WHERE n <= min(?, (SELECT absorbed FROM _understudy_control)) AND (${spared}) ORDER BY n LIMIT ${pruneEntriesMax}`;
    const gone = database.all(`SELECT origin, max(seq) AS seq, max(n) AS n FROM (${going}) GROUP BY origin`, upTo);
    if (gone.length === 0) return 0;
    const names = new Map(ids.map(({ id, name }) => [id, name]));
    const letGo = gone.map(
      ({ origin, seq }) => [names.get(Number(origin)) ?? unknownOrigin(database, Number(origin)), Number(seq)] as const,
    );
    notePruned(database, { letGo: Object.fromEntries(letGo) as VersionVector });
    const last = Math.max(...gone.map(({ n }) => Number(n)));
    const entries = database.run(`DELETE FROM _understudy_log WHERE n <= ? AND (${spared})`, last);
    forgetCommitPoints(database);
    return entries;
  });
}

/** Where the log begins and ends, and when its entries were written. Undefined while it is empty. */
export function extentOfLog(database: SqliteDatabase): LogExtent | undefined {
  const first = database.get("SELECT min(n) AS n FROM _understudy_log")?.["n"] ?? null;
  if (first === null) return undefined;
  return {
    first: Number(first),
    last: readControl(database).n,
    writtenMsFrom: (n) => {
      const hlc = database.get("SELECT hlc FROM _understudy_log WHERE n >= ? ORDER BY n LIMIT 1", n)?.["hlc"];
      return hlc === undefined ? undefined : wallMsOf(Number(hlc));
    },
  };
}

/** How many entries there are, counted up to `max`. */
export function entriesInLog(database: SqliteDatabase, max: number): number {
  return database.number("SELECT count(*) FROM (SELECT 1 FROM _understudy_log LIMIT ?)", max);
}

export function unknownOrigin(database: SqliteDatabase, id: number): OriginId {
  throw new Error(`${database.path}: the log refers to an unknown origin ${id}`);
}
