import { createHash } from "node:crypto";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import { policyOf, type TableConflicts } from "../../shared/domain/replication/conflict-policy.ts";
import { type LocalPart, localColumnsOf, localRowsOf, localTables } from "../../shared/domain/replication/local-parts.ts";
import { localColumnProblem } from "./local-columns.ts";
import { type LocalRowsForm, localRowsForm } from "./local-rows.ts";
import type { KeyCollation, SqlValue } from "./row-codec.ts";
import { literal, quoted, type SqliteDatabase } from "./sqlite-database.ts";

/** Everything of the agent's own in an application's database begins so; what does is never captured, sent or compared. */
export const ownPrefix = "_understudy_";

/** A column of a unique index, with the collation by which the index compares. */
export interface IndexedColumn {
  readonly name: string;
  readonly collation: string;
}

/** A table as capture and apply see it: its replicated columns (generated ones are computed everywhere), its key, its other unique constraints. */
export interface TableForm extends TableShape {
  readonly keyColumns: readonly IndexedColumn[];
  readonly keyCollations: readonly KeyCollation[];
  readonly uniques: readonly (readonly IndexedColumn[])[];
  /** Declared columns that are not among the replicated ones, in lower case. Absent: there are none. */
  readonly localColumns?: readonly string[];
  readonly localRows?: LocalRowsForm;
}

export interface TableForms {
  /** The tables that are replicated, in name order. */
  readonly forms: readonly TableForm[];
  /** One sentence for every table that cannot be, with what to do. */
  readonly problems: readonly string[];
}

/** What a data set declares about its tables. */
export interface DeclaredTables {
  /** Those that never leave their node, and what of others does not. */
  readonly local: readonly LocalPart[];
  readonly conflicts?: readonly TableConflicts[] | undefined;
}

export function readTableForms(database: SqliteDatabase, local: readonly LocalPart[], conflicts?: readonly TableConflicts[]): TableForms {
  const isLocal = localTables(local);
  const problems: string[] = [];
  const forms: TableForm[] = [];
  for (const { name, type } of database.all("SELECT name, type FROM pragma_table_list WHERE schema = 'main' ORDER BY name")) {
    const table = String(name);
    if (table.startsWith("sqlite_") || table.startsWith(ownPrefix) || type === "view" || type === "shadow") continue;
    if (isLocal.has(table.toLowerCase())) continue;
    if (type === "virtual") {
      problems.push(`table ${table} is virtual: declare it \`local\` in the data set`);
      continue;
    }
    const form = readTableForm(database, table, local);
    const policy = policyOf(conflicts, table);
    if (typeof form === "string") problems.push(form);
    else forms.push(policy === undefined ? form : { ...form, conflicts: policy });
  }
  return { forms, problems };
}

/** One fingerprint for all replicated tables: equal where two replicas can take each other's rows without a second look. */
export function fingerprintOf(forms: readonly TableShape[]): string {
  const shapes = forms.map(({ table, columns, key }) => ({ table, columns, key }));
  return createHash("sha256").update(JSON.stringify(shapes)).digest("hex");
}

function readTableForm(database: SqliteDatabase, table: string, local: readonly LocalPart[]): TableForm | string {
  const declared = localColumnsOf(local, table);
  const isLocal = (column: Record<string, SqlValue>) => declared.has(String(column["name"]).toLowerCase());
  const present = database.all(
    `SELECT name, pk, type, "notnull", dflt_value FROM pragma_table_xinfo(${literal(table)}) WHERE hidden = 0 ORDER BY cid`,
  );
  const localColumns = present.filter(isLocal);
  const wrong = localColumns.map((column) => localColumnProblem(table, column)).find((problem) => problem !== undefined);
  if (wrong !== undefined) return wrong;
  const all = present.filter((column) => !isLocal(column));
  const columns = all.map((column) => String(column["name"]));
  const key = all
    .flatMap((column, position) => (Number(column["pk"]) > 0 ? [{ position, order: Number(column["pk"]) }] : []))
    .toSorted((one, other) => one.order - other.order)
    .map(({ position }) => position);
  if (key.length === 0) return `table ${table} has no primary key: declare it \`local\` in the data set, or give it a primary key`;

  const indexes = database.all(`SELECT name, origin FROM pragma_index_list(${literal(table)}) WHERE "unique" = 1`);
  const keyIndex = indexes.find((index) => index["origin"] === "pk");
  const keyColumns = keyIndex === undefined ? [] : indexedColumns(database, String(keyIndex["name"]));
  const uniques: IndexedColumn[][] = [];
  for (const index of indexes) {
    if (index["origin"] === "pk") continue;
    const indexed = indexedColumns(database, String(index["name"]));
    const localColumn = indexed.find(({ name }) => declared.has(name.toLowerCase()));
    if (localColumn !== undefined) {
      return `column ${localColumn.name} of table ${table} is part of a unique index and cannot be local: rows would exclude each other by what is not sent; declare the whole table \`local\``;
    }
    if (indexed.some((column) => !columns.includes(column.name))) {
      return `table ${table} has a unique index on an expression or a generated column (${String(index["name"])}): declare the table \`local\`, or index plain columns`;
    }
    uniques.push(indexed);
  }
  const names = key.map((position) => columns[position] ?? "");
  const collationOf = (name: string) => keyColumns.find((column) => column.name === name)?.collation.toUpperCase() ?? "BINARY";
  const foreign = names.map(collationOf).find((collation) => !["BINARY", "NOCASE", "RTRIM"].includes(collation));
  if (foreign !== undefined) return `table ${table} has a key with the application's own collation ${foreign}: declare it \`local\``;
  if (keyIndex !== undefined && hasNullKey(database, table, names)) {
    return `table ${table} has rows whose primary key is NULL: give them a key, or declare the table \`local\``;
  }
  const keyed = names.map((name) => ({ name, collation: collationOf(name) }));
  const rows = localRowsForm(localRowsOf(local, table), { name: table, key: keyed, hasUniques: uniques.length > 0, columns: present });
  if (typeof rows === "string") return rows;
  return {
    table,
    columns,
    key,
    keyColumns: keyed,
    keyCollations: names.map((name) => collationOf(name) as KeyCollation),
    uniques,
    ...(localColumns.length === 0 ? {} : { localColumns: [...declared] }),
    ...(rows === undefined ? {} : { localRows: rows }),
  };
}

function indexedColumns(database: SqliteDatabase, index: string): IndexedColumn[] {
  return database
    .all(`SELECT name, coll FROM pragma_index_xinfo(${literal(index)}) WHERE key = 1 ORDER BY seqno`)
    .map((column) => ({ name: String(column["name"] ?? ""), collation: String(column["coll"]) }));
}

function hasNullKey(database: SqliteDatabase, table: string, keyColumns: readonly string[]): boolean {
  const condition = keyColumns.map((name) => `${quoted(name)} IS NULL`).join(" OR ");
  return database.get(`SELECT 1 FROM ${quoted(table)} WHERE ${condition} LIMIT 1`) !== undefined;
}
