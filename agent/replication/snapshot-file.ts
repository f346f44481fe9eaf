import { statSync } from "node:fs";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { covers } from "../../shared/domain/replication/version-vector.ts";
import { readPruned } from "./change-log-tables.ts";
import { removeLocal } from "./local-contents.ts";
import { adopt, isInitialised, lineageOf, type ReplicaIdentity } from "./replica-identity.ts";
import { quoted, SqliteDatabase } from "./sqlite-database.ts";
import { readTableForms } from "./table-form.ts";

const mappedBytesMax = 2_147_418_112;

/** The code of the error that says so. */
export const damaged = "SNAPSHOT_DAMAGED";

/** A database's size in bytes, its write-ahead log not counted. */
export function databaseBytes(path: string): number {
  const database = new SqliteDatabase(path);
  try {
    return database.number("PRAGMA page_count") * database.number("PRAGMA page_size");
  } finally {
    database.close();
  }
}

/** The size of its write-ahead log's file. */
export function logBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** All that whoever has so much still lacks is in the log. */
export function logReachesBack(path: string, vector: VersionVector): boolean {
  const database = new SqliteDatabase(path);
  try {
    return covers(vector, readPruned(database));
  } finally {
    database.close();
  }
}

/** Brings what is in a write-ahead log into its file, as far as nobody stands in the way. */
export function bringLogIn(path: string): void {
  const database = new SqliteDatabase(path);
  try {
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    database.close();
  }
}

/** Makes a copy of a replica one file that may leave this node: its log folded in, and no byte of what is local anywhere in it. */
export function prepareSnapshot(path: string, local: readonly LocalPart[]): void {
  const copy = new SqliteDatabase(path);
  try {
    // The copy is thrown away with the process, so it need not be safe.
    copy.exec("PRAGMA synchronous = OFF");
    if (local.length > 0) removeLocal(copy, local);
    copy.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    copy.close();
  }
}

/** Checks that a snapshot that has come is sound, and of the lineage that it was offered as, and makes it this node's own replica. Returns the rows of all replicated tables. Throws where it is damaged. */
export function admitSnapshot(path: string, identity: ReplicaIdentity, lineage: string): number {
  const snapshot = new SqliteDatabase(path);
  try {
    // All of it is read once: through the page cache, without a call for each page.
    snapshot.exec(`PRAGMA mmap_size = ${mappedBytesMax}`);
    const check = Object.values(snapshot.get("PRAGMA quick_check(1)") ?? {})[0];
    if (check !== "ok") throw Object.assign(new Error(`the snapshot is damaged: ${String(check)}`), { code: damaged });
    if (!isInitialised(snapshot, identity) || lineageOf(snapshot) !== lineage) {
      throw Object.assign(new Error("the snapshot is not of the data that it was offered as"), { code: damaged });
    }
    adopt(snapshot, identity);
    return readTableForms(snapshot, identity.local).forms.reduce(
      (rows, { table }) => rows + snapshot.number(`SELECT count(*) FROM ${quoted(table)}`),
      0,
    );
  } finally {
    snapshot.close();
  }
}
