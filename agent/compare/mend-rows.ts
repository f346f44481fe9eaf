import { compareVersions } from "../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { covers } from "../../shared/domain/replication/version-vector.ts";
import { readPruned } from "../replication/change-log-tables.ts";
import { journalConflict } from "../replication/conflict-journal.ts";
import { ReplicaTable } from "../replication/replica-table.ts";
import { decodeRow } from "../replication/row-codec.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import { SqliteMergeTable } from "../replication/sqlite-merge-table.ts";
import { SuspendedTriggers } from "../replication/suspended-triggers.ts";
import type { TableForm } from "../replication/table-form.ts";
import { readKeys } from "./judge.ts";
import { digestText, rowDigest } from "./key-range.ts";
import { writtenSince } from "./logged-writes.ts";
import type { OwnReplica } from "./own-replica.ts";
import type { Mend } from "./weigh-rows.ts";

/**
 * Puts rows of this node's own replica right, in one transaction: what is replaced goes to the conflict journal first. It is no write of the data set: nothing
 * is captured, no other node hears of it, and it competes with no write of an application. Rows that were written since they were judged are passed over.
 * Returns how many were put right. Throws SQLite's error where the file cannot be written now.
 */
export function mendRows(own: OwnReplica, table: string, mends: readonly Mend[], judgedAt: VersionVector): number {
  return own.write(table, ({ database, form }) => {
    const written = covers(judgedAt, readPruned(database)) ? writtenSince(database, form, judgedAt) : undefined;
    if (written === undefined || (form.uniques.length > 0 && written.size > 0)) return 0;
    const due = mends.filter((mend) => !written.has(mend.identity) && standsAsJudged(database, form, mend));
    if (due.length === 0) return 0;
    database.exec("UPDATE _understudy_control SET applying = 1");
    const triggers = new SuspendedTriggers(database);
    triggers.suspend(form.table);
    const mended = replaceRows(database, form, due);
    triggers.restore();
    database.exec("UPDATE _understudy_control SET applying = 0");
    return mended;
  });
}

function standsAsJudged(database: SqliteDatabase, form: TableForm, { key, ownDigest }: Mend): boolean {
  const [row] = readKeys(database, form, [key]);
  return (row === undefined ? null : digestText(rowDigest(row.bytes))) === ownDigest;
}

function replaceRows(database: SqliteDatabase, form: TableForm, mends: readonly Mend[]): number {
  const table = new ReplicaTable(database, form);
  const versions = new SqliteMergeTable(database, table);
  // All that is wrong goes first: rows may have changed places.
  for (const { key, right, write } of mends) {
    const keyValues = decodeRow(key);
    const winner = { ...write, shape: form, row: right ?? undefined };
    journalConflict(database, {
      reason: "drift",
      table: form.table,
      key: table.keyOf(keyValues),
      winner,
      loser: { shape: form, row: table.read(keyValues) },
    });
    table.remove(keyValues);
  }
  let mended = 0;
  for (const { key, right, write } of mends) {
    const values = right === null ? undefined : decodeRow(right);
    // A row of another range has what is this one's: it is not right either, and the next round comes to it.
    if (values !== undefined && table.inTheWayOf(form, values).length > 0) continue;
    if (values !== undefined) table.put(form, values);
    mended += 1;
    const keyValues = decodeRow(key);
    const at = { key: table.keyOf(keyValues), keyValues };
    const known = versions.newestWrite(at);
    // What decides later merges of the row is as it is where the row was right.
    if (write !== null && (known === undefined || compareVersions(write, known) > 0)) versions.noteWrite(at, write, right !== null);
  }
  return mended;
}
