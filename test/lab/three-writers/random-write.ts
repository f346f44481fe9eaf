import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { SeededRandom } from "../../../shared/domain/seeded-random.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly inKey: boolean;
}

export interface WritableTable {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Half of all writes go to the first so many rows of a table, so that servers meet there. */
const contestedRows = 15;

/** The tables of any database, without the agent's own and those named. */
export function writableTables(database: DatabaseSync, without: readonly string[]): readonly WritableTable[] {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as { name: string }[];
  return names.flatMap(({ name }) => {
    if (/^(_understudy|sqlite)_/.test(name) || without.includes(name)) return [];
    const infos = database.prepare("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)").all(name) as {
      name: string;
      type: string;
      pk: number;
      hidden: number;
    }[];
    // Generated columns are hidden ones: nobody writes those.
    const columns = infos.flatMap((info) => (info.hidden === 0 ? [{ name: info.name, type: info.type, inKey: info.pk > 0 }] : []));
    return [{ name, columns }];
  });
}

/** Changes, deletes or adds one row. What a constraint of the database's own forbids it leaves, as an application would; true where it has written. */
export function writeAtRandom(database: DatabaseSync, tables: readonly WritableTable[], random: SeededRandom): boolean {
  const table = random.pick(tables);
  const row = rowAtRandom(database, table, random);
  if (row === undefined) return false;
  database.exec("SAVEPOINT one");
  try {
    const done = random.pick([update, update, update, rename, insert, insert, remove])(database, table, row, random);
    database.exec("RELEASE one");
    return done;
  } catch (error) {
    if (!(error instanceof Error) || !/constraint failed|cannot store/.test(error.message)) throw error;
    // A RAISE(ROLLBACK) of the application's own has taken the whole transaction already.
    if (database.isTransaction) database.exec("ROLLBACK TO one; RELEASE one");
    return false;
  }
}

type Row = Readonly<Record<string, SQLInputValue>>;

function rowAtRandom(database: DatabaseSync, { name, columns }: WritableTable, random: SeededRandom): Row | undefined {
  const { count } = database.prepare(`SELECT count(*) AS count FROM "${name}"`).get() as { count: number };
  if (count === 0) return undefined;
  const place = random.between(0, random.chance(0.5) ? Math.min(contestedRows, count) - 1 : count - 1);
  const select = database.prepare(`SELECT ${columns.map((column) => `"${column.name}"`).join(", ")} FROM "${name}" LIMIT 1 OFFSET ?`);
  select.setReadBigInts(true);
  return select.get(place);
}

function update(database: DatabaseSync, { name, columns }: WritableTable, row: Row, random: SeededRandom): boolean {
  const changed = columns.filter(({ inKey }) => !inKey && random.chance(0.6));
  if (changed.length === 0) return false;
  const values = changed.map((column) => valueLike(row[column.name] ?? null, column, random));
  const set = changed.map((column) => `"${column.name}" = ?`).join(", ");
  const { where, key } = keyOf(columns, row);
  return database.prepare(`UPDATE "${name}" SET ${set} WHERE ${where}`).run(...values, ...key).changes > 0;
}

/** A row gets another key. */
function rename(database: DatabaseSync, { name, columns }: WritableTable, row: Row, random: SeededRandom): boolean {
  const renamed = random.pick(columns.filter(({ inKey }) => inKey));
  const { where, key } = keyOf(columns, row);
  const sql = `UPDATE ${random.pick(["", "OR REPLACE", "OR IGNORE"])} "${name}" SET "${renamed.name}" = ? WHERE ${where}`;
  return database.prepare(sql).run(valueLike(row[renamed.name] ?? null, renamed, random), ...key).changes > 0;
}

function insert(database: DatabaseSync, { name, columns }: WritableTable, row: Row, random: SeededRandom): boolean {
  const values = columns.map((column) =>
    column.inKey || random.chance(0.5) ? valueLike(row[column.name] ?? null, column, random) : (row[column.name] ?? null),
  );
  const into = `"${name}" (${columns.map((column) => `"${column.name}"`).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
  return database.prepare(`INSERT ${random.pick(["", "OR REPLACE", "OR IGNORE"])} INTO ${into}`).run(...values).changes > 0;
}

function remove(database: DatabaseSync, { name, columns }: WritableTable, row: Row): boolean {
  const { where, key } = keyOf(columns, row);
  return database.prepare(`DELETE FROM "${name}" WHERE ${where}`).run(...key).changes > 0;
}

function keyOf(columns: readonly Column[], row: Row): { readonly where: string; readonly key: readonly SQLInputValue[] } {
  const inKey = columns.filter((column) => column.inKey);
  return { where: inKey.map(({ name }) => `"${name}" IS ?`).join(" AND "), key: inKey.map(({ name }) => row[name] ?? null) };
}

/** Another value of the kind that stands there; now and then nothing, or something at the edge of what SQLite holds. */
function valueLike(standing: SQLInputValue, { type, inKey }: Column, random: SeededRandom): SQLInputValue {
  if (!inKey && random.chance(0.1)) return null;
  if (standing instanceof Uint8Array) return Uint8Array.from({ length: random.between(0, 60) }, () => random.between(0, 255));
  if (typeof standing === "number") return random.pick([standing / 3, -standing, 0.1, 1e-300, -9]);
  // Not in a key: after the highest number there is, SQLite generates none any more.
  const isEdge = !inKey && random.chance(0.1);
  if (typeof standing === "bigint") return isEdge ? random.pick([2n ** 63n - 1n, -(2n ** 63n), 0n]) : BigInt(random.between(1, 500));
  if (typeof standing === "string") return `${random.pick(["Ärger", "ord", "日本", "a'b\"c", ""])} ${random.between(1, 40)}`;
  return /INT/.test(type) ? BigInt(random.between(1, 500)) : /CHAR|TEXT/.test(type) ? `text ${random.between(1, 40)}` : null;
}
