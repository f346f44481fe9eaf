import { type LocalPart, localTables } from "../../shared/domain/replication/local-parts.ts";
import { isReplicatedRow } from "./local-rows.ts";
import { literal, quoted, type SqliteDatabase } from "./sqlite-database.ts";
import { SuspendedTriggers } from "./suspended-triggers.ts";
import { readTableForms, type TableForm } from "./table-form.ts";

/** Takes everything local out of a copy that is to leave this node: tables are emptied, rows deleted, columns set to their defaults; and no page keeps what was there. */
export function removeLocal(copy: SqliteDatabase, local: readonly LocalPart[]): void {
  const wal = copy.get("PRAGMA journal_mode")?.["journal_mode"] === "wal";
  copy.exec("PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON;");
  const emptied = emptyTables(copy, local);
  const cleared = partlyLocal(copy, local);
  if (cleared.length > 0) copy.write(() => clearParts(copy, cleared));
  // Pages that were freed before may still hold what is local: a rebuilt file holds nothing but what is in use.
  if (emptied + cleared.length > 0) copy.exec("VACUUM");
  if (wal) copy.exec("PRAGMA journal_mode = WAL");
}

/** Returns how many of them are there. */
function emptyTables(copy: SqliteDatabase, local: readonly LocalPart[]): number {
  const names = localTables(local);
  const emptied = copy
    .all("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')")
    .map((row) => String(row["name"]))
    .filter((name) => names.has(name.toLowerCase()));
  for (const table of emptied) {
    for (const { name } of copy.all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", table)) {
      copy.exec(`DROP TRIGGER ${quoted(String(name))}`);
    }
    copy.exec(`DELETE FROM ${quoted(table)}`);
  }
  return emptied.length;
}

/** Nothing of it is captured, and the application's own triggers have nothing to do with it. */
function clearParts(copy: SqliteDatabase, forms: readonly TableForm[]): void {
  const triggers = new SuspendedTriggers(copy);
  copy.exec("UPDATE _understudy_control SET applying = 1");
  for (const form of forms) {
    triggers.suspend(form.table);
    if (form.localRows !== undefined) copy.exec(`DELETE FROM ${quoted(form.table)} WHERE NOT (${isReplicatedRow(form)})`);
    const columns = localColumnsIn(copy, form);
    if (columns.length === 0) continue;
    copy.exec(`UPDATE ${quoted(form.table)} SET ${columns.map(({ name, initial }) => `${quoted(name)} = (${initial})`).join(", ")}`);
  }
  triggers.restore();
  copy.exec("UPDATE _understudy_control SET applying = 0");
}

/**
 * What is local in tables that are replaced otherwise, set aside on the same connection and put back in the same transaction: rows as they were, columns into the rows that
 * are still there under their key.
 */
export class KeptParts {
  readonly #database: SqliteDatabase;
  readonly #forms: readonly TableForm[];

  constructor(database: SqliteDatabase, local: readonly LocalPart[]) {
    this.#database = database;
    this.#forms = partlyLocal(database, local);
    for (const [index, form] of this.#forms.entries()) {
      const isKept = form.localColumns === undefined ? `NOT (${isReplicatedRow(form)})` : "1";
      const columns = [...form.columns, ...localColumnsIn(database, form).map(({ name }) => name)].map(quoted).join(", ");
      database.exec(`CREATE TEMP TABLE ${keptIn(index)} AS SELECT ${columns} FROM main.${quoted(form.table)} WHERE ${isKept}`);
    }
  }

  /** While no trigger stands yet on the tables that came. What the new tables have no place for is left out. */
  putBack(): void {
    for (const [index, form] of this.#forms.entries()) this.#putBack(form, keptIn(index));
    for (const index of this.#forms.keys()) this.#database.exec(`DROP TABLE temp.${keptIn(index)}`);
  }

  #putBack(form: TableForm, kept: string): void {
    const table = quoted(form.table);
    const names = (schema: string, name: string) =>
      this.#database
        .all(`SELECT name FROM pragma_table_xinfo(${literal(name)}, ${literal(schema)}) WHERE hidden = 0`)
        .map((row) => String(row["name"]));
    const present = new Set(names("main", form.table));
    const columns = names("temp", kept).filter((name) => present.has(name));
    if (form.keyColumns.some(({ name }) => !present.has(name))) return;
    if (form.localRows !== undefined) {
      const list = columns.map(quoted).join(", ");
      this.#database.exec(`DELETE FROM main.${table} WHERE NOT (${isReplicatedRow(form)})`);
      this.#database.exec(`INSERT INTO main.${table} (${list}) SELECT ${list} FROM temp.${kept} WHERE NOT (${isReplicatedRow(form)})`);
    }
    const local = columns.filter((name) => form.localColumns?.includes(name.toLowerCase()) === true).map(quoted);
    if (local.length === 0) return;
    const same = form.keyColumns
      .map(({ name, collation }) => `${table}.${quoted(name)} COLLATE ${quoted(collation)} = kept.${quoted(name)}`)
      .join(" AND ");
    this.#database.exec(
      `CREATE INDEX temp.${kept}_key ON ${kept} (${form.keyColumns.map(({ name, collation }) => `${quoted(name)} COLLATE ${quoted(collation)}`).join(", ")})`,
    );
    this.#database.exec(
      `UPDATE main.${table} SET ${local.map((name) => `${name} = kept.${name}`).join(", ")} FROM temp.${kept} AS kept WHERE ${same}`,
    );
  }
}

function keptIn(index: number): string {
  return `_understudy_kept_${index}`;
}

function partlyLocal(database: SqliteDatabase, local: readonly LocalPart[]): TableForm[] {
  if (local.every((part) => typeof part === "string")) return [];
  return readTableForms(database, local).forms.filter((form) => form.localColumns !== undefined || form.localRows !== undefined);
}

/** Those of a table's local columns that it has, each with what stands there where nobody says anything. */
function localColumnsIn(
  database: SqliteDatabase,
  { table, localColumns = [] }: TableForm,
): { readonly name: string; readonly initial: string }[] {
  return database
    .all(`SELECT name, dflt_value FROM pragma_table_xinfo(${literal(table)}) WHERE hidden = 0`)
    .map((row) => ({ name: String(row["name"]), initial: String(row["dflt_value"] ?? "NULL") }))
    .filter(({ name }) => localColumns.includes(name.toLowerCase()));
}
