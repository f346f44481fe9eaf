import { link } from "node:fs/promises";
import { dirname } from "node:path";
import { type LocalPart, localTables } from "../../shared/domain/replication/local-parts.ts";
import { syncDirectory } from "../storage/durable-file.ts";
import { giveToApplication } from "./application-owner.ts";
import { carryOver, isSameData } from "./carry-over.ts";
import { ownOrigin, readControl } from "./change-log-tables.ts";
import { removeDatabase } from "./consistent-copy.ts";
import { removeOldBackups, saveBeforeJoin } from "./join-backups.ts";
import { KeptParts } from "./local-contents.ts";
import { settleIn } from "./replica-identity.ts";
import { onSnapshotThread, type SnapshotJob } from "./snapshot-work.ts";
import { installCapture, schemaVersion } from "./sqlite-capture.ts";
import { databaseExists, literal, quoted, SqliteDatabase } from "./sqlite-database.ts";
import type { DeclaredTables } from "./table-form.ts";

/**
 * Puts a verified snapshot in the place of an application's database. Where there is none, the file appears at once and whole. Where
 * there is one, its contents are saved beside it and replaced in one transaction through SQLite: an application that has it open sees the old data
 * or the new, nothing that it commits falls in between, and what is local stays. Where it was a replica of the same data, what it had and the snapshot lacks
 * stands in the new contents too (carry-over.ts): resolves with the number of those changes.
 */
export async function swapIn(arrived: string, path: string, { local, conflicts }: DeclaredTables): Promise<number> {
  if (!databaseExists(path) && (await appeared(arrived, path))) return 0;
  const carried = await onSnapshotThread({ kind: "swap", arrived, path, declared: { local, conflicts } });
  await removeOldBackups(path);
  return carried;
}

/** They lie side by side, so the file is in its place at once; `link` refuses where the application has made one of its own in the meantime. */
async function appeared(arrived: string, path: string): Promise<boolean> {
  try {
    await giveToApplication(arrived, dirname(path));
    await link(arrived, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Saves a database's contents, and replaces them, but for what is local, by those of the snapshot that has arrived, in one transaction. Resolves with the changes that were carried over. */
export async function replaceContents(arrived: string, path: string, declared: DeclaredTables): Promise<number> {
  const database = new SqliteDatabase(path);
  try {
    const isOfSameData = isSameData(database, arrived);
    // Rows that were written while the triggers did not fit are in the log after this.
    if (isOfSameData) installCapture(database, declared, ownOrigin(database));
    const tables = schemaVersion(database);
    database.exec(`ATTACH ${literal(arrived)} AS snapshot`);
    // What is not committed when the connection is closed is undone.
    database.exec("BEGIN IMMEDIATE");
    if (schemaVersion(database) !== tables) throw new Error("its application has changed the tables meanwhile");
    const saved = await saveBeforeJoin(path);
    try {
      replaceObjects(database, declared.local);
      settleIn(database);
      const carried = isOfSameData ? carryOver(saved, database, declared) : 0;
      database.exec("COMMIT");
      return carried;
    } catch (error) {
      // What was saved stands there still, and will be saved again: each attempt on a full disk would take more of it.
      await removeDatabase(saved);
      throw error;
    }
  } finally {
    database.close();
  }
}

/** Puts back what a join had replaced, in one transaction; what is local stays. Throws where the application has written more of its own than others have. */
export function putBackContents({ saved, path, local, seq }: Extract<SnapshotJob, { kind: "put-back" }>): void {
  const database = new SqliteDatabase(path);
  try {
    database.exec(`ATTACH ${literal(saved)} AS snapshot`);
    database.write(() => {
      if (readControl(database).seq > seq) throw new Error("its application has changed it meanwhile: stop the application, and try again");
      replaceObjects(database, local);
    });
  } finally {
    database.close();
  }
}

function replaceObjects(database: SqliteDatabase, local: readonly LocalPart[]): void {
  const kept = localTables(local);
  const parts = new KeptParts(database, local);
  const shadows = new Set(database.all("SELECT name FROM pragma_table_list WHERE type = 'shadow'").map((row) => String(row["name"])));
  const objects = (schema: string) =>
    database
      .all(`SELECT type, name, tbl_name, sql FROM ${schema}.sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'`)
      .filter((object) => !kept.has(String(object["tbl_name"]).toLowerCase()) && !shadows.has(String(object["tbl_name"])))
      .map((object) => ({ type: String(object["type"]), name: String(object["name"]), sql: object["sql"] }));
  for (const type of ["trigger", "view", "index", "table"]) {
    for (const object of objects("main")) if (object.type === type) database.exec(`DROP ${type} IF EXISTS main.${quoted(object.name)}`);
  }
  // With the agent's own triggers, made after the rows: without them every row would count as one that was written here just now.
  const arriving = objects("snapshot").filter(({ sql }) => sql !== null);
  for (const { type, name, sql } of arriving) {
    if (type !== "table") continue;
    database.exec(String(sql));
    const columns = database
      .all(`SELECT name FROM pragma_table_xinfo(${literal(name)}, 'snapshot') WHERE hidden = 0`)
      .map((column) => quoted(String(column["name"])))
      .join(", ");
    database.exec(`INSERT INTO main.${quoted(name)} (${columns}) SELECT ${columns} FROM snapshot.${quoted(name)}`);
  }
  parts.putBack();
  for (const wanted of ["index", "view", "trigger"]) {
    for (const { type, sql } of arriving) if (type === wanted) database.exec(String(sql));
  }
  if (database.get("SELECT 1 FROM snapshot.sqlite_schema WHERE name = 'sqlite_sequence'") !== undefined) {
    for (const { name, seq } of database.all("SELECT name, seq FROM snapshot.sqlite_sequence")) {
      if (kept.has(String(name).toLowerCase())) continue;
      database.run("DELETE FROM main.sqlite_sequence WHERE name = ?", name ?? null);
      database.run("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)", name ?? null, seq ?? null);
    }
  }
  database.exec(`PRAGMA main.user_version = ${database.number("PRAGMA snapshot.user_version")}`);
}
