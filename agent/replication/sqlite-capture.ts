import type { OriginId } from "../../shared/domain/ids.ts";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import { isByColumn } from "../../shared/domain/replication/conflict-policy.ts";
import { localTables } from "../../shared/domain/replication/local-parts.ts";
import { captureTriggers, countersSql, isOwnTrigger, logColumns, operationCode, wallTicksSql } from "./capture-triggers.ts";
import { createChangeLogTables, hasChangeLogTables, readControl, settleControl } from "./change-log-tables.ts";
import { isReplicatedRow } from "./local-rows.ts";
import { literal, quoted, type SqliteDatabase } from "./sqlite-database.ts";
import { DataSetRefused } from "./sqlite-problem.ts";
import { type DeclaredTables, fingerprintOf, readTableForms, type TableForm, type TableForms } from "./table-form.ts";
import { loggedWidth } from "./written-columns.ts";

/** What capture has found and set up. Holds until the schema version changes. */
export interface Capture {
  readonly schemaVersion: number;
  readonly fingerprint: string;
  /** By lower-case table name. */
  readonly forms: ReadonlyMap<string, TableForm>;
  /** Names of the tables that are local here, in lower case. */
  readonly local: ReadonlySet<string>;
  /** Tables that came later and cannot be replicated; the others go on. */
  readonly problems: readonly string[];
}

/**
 * Brings the triggers in step with the application's tables, in one transaction. Rows that were written while the triggers did not fit
 * (a new table, a new column) are captured now. Throws DataSetRefused where, at the first time, a table cannot be
 * replicated; then nothing is changed.
 */
export function installCapture(database: SqliteDatabase, declared: DeclaredTables, origin: OriginId): Capture {
  return database.write(() => {
    const { forms, problems } = readTableForms(database, declared.local, declared.conflicts);
    const first = !hasChangeLogTables(database);
    if (first && problems.length > 0) throw new DataSetRefused(`${problems.join("; ")}. Until then nothing of this data set is replicated`);
    createChangeLogTables(database, origin);
    const before = capturedShapes(database);
    const wanted = new Map(forms.map((form) => [form.table, shapeNumber(database, form)]));
    const triggers = forms.flatMap((form) => captureTriggers(form, wanted.get(form.table) ?? 0));
    widen(database, "_understudy_log", Math.max(1, ...forms.map(loggedWidth)));
    widen(database, "_understudy_doomed", Math.max(1, ...forms.map((form) => form.key.length)));
    if (!sameTriggers(database, triggers)) {
      for (const { name } of database.all(`SELECT name FROM sqlite_schema WHERE ${isOwnTrigger}`)) {
        database.exec(`DROP TRIGGER ${quoted(String(name))}`);
      }
      for (const trigger of triggers) database.exec(trigger);
      if (!first) for (const form of forms) captureWhatWasMissed(database, form, before.get(form.table), wanted.get(form.table) ?? 0);
    }
    database.run("UPDATE _understudy_control SET verified = ?", settleControl(database).n);
    return captured(database, declared, { forms, problems });
  });
}

/** Of a file whose triggers fit its tables already. */
export function captureOf(database: SqliteDatabase, declared: DeclaredTables): Capture {
  return captured(database, declared, readTableForms(database, declared.local, declared.conflicts));
}

function captured(database: SqliteDatabase, { local }: DeclaredTables, { forms, problems }: TableForms): Capture {
  return {
    schemaVersion: schemaVersion(database),
    fingerprint: fingerprintOf(forms),
    problems,
    local: localTables(local),
    forms: new Map(forms.map((form) => [form.table.toLowerCase(), form])),
  };
}

/** Tables in which two rows with different keys can claim one value. */
export function contestedTables({ forms }: Capture): string[] {
  return [...forms.values()].filter(({ uniques }) => uniques.length > 0).map(({ table }) => table);
}

export function schemaVersion(database: SqliteDatabase): number {
  return database.number("PRAGMA schema_version");
}

/** The number under which this file's log knows a table's form. */
export function shapeNumber(database: SqliteDatabase, { table, columns, key, conflicts }: TableShape): number {
  const form = JSON.stringify({ table, columns, key, conflicts });
  database.run("INSERT OR IGNORE INTO _understudy_shape (form) VALUES (?)", form);
  return database.number("SELECT id FROM _understudy_shape WHERE form = ?", form);
}

/** Gives the log room for wider rows. */
export function widen(database: SqliteDatabase, table: "_understudy_log" | "_understudy_doomed", width: number): void {
  const present = database.number(`SELECT count(*) FROM pragma_table_info(?) WHERE name GLOB 'c[0-9]*'`, table);
  for (let position = present; position < width; position += 1) database.exec(`ALTER TABLE ${table} ADD COLUMN c${position}`);
}

function sameTriggers(database: SqliteDatabase, wanted: readonly string[]): boolean {
  const present = new Set(database.all(`SELECT sql FROM sqlite_schema WHERE ${isOwnTrigger}`).map((row) => String(row["sql"])));
  return present.size === wanted.length && wanted.every((sql) => present.has(sql));
}

/** By table, the number of the form that its triggers write. */
export function capturedShapes(database: SqliteDatabase): Map<string, number> {
  const prefix = "_understudy_insert_";
  return new Map(
    database
      .all(`SELECT tbl_name, name FROM sqlite_schema WHERE ${isOwnTrigger} AND name GLOB '${prefix}*'`)
      .map((row) => [String(row["tbl_name"]), Number(String(row["name"]).slice(prefix.length))]),
  );
}

/** Logs rows as they are now: all of a table that had no triggers, and those of a changed table that the old triggers logged without their new columns. */
function captureWhatWasMissed(database: SqliteDatabase, form: TableForm, before: number | undefined, now: number): void {
  if (before === now) return;
  if (before === undefined) return logRows(database, form, now, "1");
  const old = database.get("SELECT form FROM _understudy_shape WHERE id = ?", before);
  if (old === undefined) return logRows(database, form, now, "1");
  const oldShape = JSON.parse(String(old["form"])) as TableShape;
  // Another way of settling conflicts changes nothing about the rows.
  if (JSON.stringify([oldShape.columns, oldShape.key]) === JSON.stringify([form.columns, form.key])) return;
  const added = form.columns.filter((column) => !oldShape.columns.includes(column));
  if (isByColumn(form.conflicts) && added.length === 0) return;
  const { verified } = readControl(database);
  const keys = oldShape.key.map((position) => `l.c${position}`);
  const same = form.keyColumns.map(({ name }, position) => `t.${quoted(name)} = ${keys[position] ?? "NULL"}`).join(" AND ");
  logRows(
    database,
    form,
    now,
    `EXISTS (SELECT 1 FROM _understudy_log AS l WHERE l.n > ${verified} AND l.shape = ${before} AND l.operation = ${operationCode.put} AND ${same})`,
    added,
  );
}

/** `added`: where conflicts are settled column by column, these count as changed, and no others. */
function logRows(database: SqliteDatabase, form: TableForm, shape: number, condition: string, added = form.columns): void {
  const isPart = isByColumn(form.conflicts) && added.length < form.columns.length;
  const mask = isPart ? [literal(form.columns.map((column) => (added.includes(column) ? "1" : "0")).join(""))] : [];
  const names = [...form.columns.map((name) => `t.${quoted(name)}`), ...mask];
  const columns = logColumns(names.length);
  database.run(
    `INSERT INTO _understudy_log (n, origin, seq, hlc, context, shape, operation, ${columns.join(", ")})
     SELECT c.n + t.rank, c.origin, c.seq + t.rank, max(c.hlc, ${wallTicksSql}) + t.rank, c.context, ${shape}, ${operationCode.put}, ${columns.map((column) => `t.${column}`).join(", ")}
     FROM ${countersSql} AS c,
       (SELECT row_number() OVER () AS rank, ${names.map((name, position) => `${name} AS c${position}`).join(", ")} FROM ${quoted(form.table)} AS t WHERE (${condition}) AND ${isReplicatedRow(form, "t.")}) AS t`,
  );
}
