import { copyFile, link, open, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { backup } from "node:sqlite";
import { giveToApplication } from "./application-owner.ts";
import { databaseExists, literal, quoted, SqliteDatabase } from "./sqlite-database.ts";

/**
 * Puts a verified snapshot in the place of an application's database. Where there is none, the file appears at once and whole. Where
 * there is one, it is copied beside itself first, and then its contents are replaced in one transaction through SQLite: an application
 * that has it open sees the old data or the new, and its local tables stay. Returns the backup's path, if one was made.
 */
export async function swapIn(snapshot: string, path: string, local: readonly string[]): Promise<string | undefined> {
  if (!databaseExists(path) && (await appeared(snapshot, path))) return undefined;
  const backupPath = `${path}.before-join-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  const database = new SqliteDatabase(path);
  try {
    // An earlier attempt that found the database locked has its backup already; this one is of now.
    await backup(database.connection, backupPath);
    database.exec(`ATTACH ${literal(snapshot)} AS snapshot`);
    database.write(() => replaceContents(database, local));
  } finally {
    database.close();
  }
  return backupPath;
}

/** Throws where the disk cannot hold the snapshot, its place of arrival and the old data's backup at once. */
export async function requireSpace(bytes: number, dataDir: string, path: string): Promise<void> {
  const folder = dirname(path);
  const needed = databaseExists(path) ? bytes * 3 : bytes * 2;
  for (const [place, required] of [
    [dataDir, bytes * 1.1],
    [folder, needed],
  ] as const) {
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    if (free < required)
      throw new Error(
        `joining needs ${Math.ceil(required)} bytes free on the disk of ${place}, and ${free} are: free space there; joining goes on by itself`,
      );
  }
}

async function appeared(snapshot: string, path: string): Promise<boolean> {
  const arriving = `${path}.arriving`;
  try {
    await copyFile(snapshot, arriving);
    const file = await open(arriving, "r+");
    await file.sync();
    await file.close();
    await giveToApplication(arriving);
    // `link` refuses where the application has made a file of its own in the meantime; `rename` would silently replace it.
    await link(arriving, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(arriving, { force: true });
  }
}

function replaceContents(database: SqliteDatabase, local: readonly string[]): void {
  const kept = new Set(local.map((name) => name.toLowerCase()));
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
