import type { OriginId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { joined } from "../../shared/domain/replication/version-vector.ts";
import { countersSql } from "./capture-triggers.ts";
import { isOfAnotherPolicy } from "./changed-columns.ts";
import { type SqliteDatabase } from "./sqlite-database.ts";

/**
 * The agent's own tables in the application's database: there, because only so one transaction holds the row, its log
 * entry and the vector.
 *
 * - `control`: one row, where the agent leaves the counters with each of its transactions; triggers go on from the log's last entry (capture-triggers.ts).
 *   `n` numbers log entries on this replica, `seq` this origin's changes.
 * - `log`: changes of all origins in the order in which this replica has them, until every member has them too.
 * - `origin`: the version vector (this node's own entry stands in `control`). `context`: what log entries were written in knowledge of (write-context.ts).
 * - `row_version`: the newest write of each row that may still meet an older or concurrent one; of rows with unique values, for as long as they stand.
 * - `displaced`: rows that lost a unique value to a later row; they come back when that is gone.
 * - `rival`: writes that lost to another one without either having known of the other, as long as one may come that knows the one and not the other; or until
 *   somebody has decided, where that is what the table's policy asks for (`open`). `line`: its line in the journal.
 * - `column_write`: of tables that settle conflicts column by column, which write each column of a row is of, where that is not the row's newest; `col` empty: the
 *   newest write of all of the row, or its deletion.
 * - `conflict`: the journal of losers, for people.
 * - `commit_point`: entries of the log after which a transaction is known to have ended (commit-points.ts).
 */
const tables = `
  CREATE TABLE IF NOT EXISTS _understudy_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _understudy_control (
    id INTEGER PRIMARY KEY CHECK (id = 1), applying INTEGER NOT NULL, n INTEGER NOT NULL, origin INTEGER NOT NULL,
    seq INTEGER NOT NULL, hlc INTEGER NOT NULL, context INTEGER NOT NULL, absorbed INTEGER NOT NULL, verified INTEGER NOT NULL,
    sealed INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS _understudy_origin (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS _understudy_context (id INTEGER PRIMARY KEY AUTOINCREMENT, vector TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS _understudy_shape (id INTEGER PRIMARY KEY, form TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS _understudy_log (
    n INTEGER PRIMARY KEY, origin INTEGER NOT NULL, seq INTEGER NOT NULL, hlc INTEGER NOT NULL, context INTEGER NOT NULL,
    shape INTEGER NOT NULL, operation INTEGER NOT NULL, c0);
  CREATE TABLE IF NOT EXISTS _understudy_doomed (id INTEGER PRIMARY KEY, shape INTEGER NOT NULL, c0);
  CREATE TABLE IF NOT EXISTS _understudy_row_version (
    tbl TEXT NOT NULL, key BLOB NOT NULL, hlc INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, stands INTEGER NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _understudy_displaced (
    tbl TEXT NOT NULL, key BLOB NOT NULL, shape INTEGER NOT NULL, hlc INTEGER NOT NULL, origin INTEGER NOT NULL, row BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _understudy_rival (
    tbl TEXT NOT NULL, key BLOB NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, hlc INTEGER NOT NULL, epoch INTEGER, policy TEXT, context INTEGER,
    shape INTEGER NOT NULL, row BLOB, line INTEGER, open INTEGER NOT NULL, PRIMARY KEY (tbl, key, origin)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _understudy_column_write (
    tbl TEXT NOT NULL, key BLOB NOT NULL, col TEXT NOT NULL, hlc INTEGER NOT NULL, origin INTEGER NOT NULL, seq INTEGER NOT NULL, deletes INTEGER NOT NULL,
    PRIMARY KEY (tbl, key, col)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS _understudy_commit_point (n INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS _understudy_conflict (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, reason TEXT NOT NULL, tbl TEXT NOT NULL, key BLOB NOT NULL,
    winner_origin TEXT, winner_hlc INTEGER, winner_row BLOB, loser_origin TEXT, loser_hlc INTEGER, loser_row BLOB);
`;

/** Columns that came after the tables were in use. */
const laterColumns = {
  _understudy_control: ["sealed INTEGER NOT NULL DEFAULT 0", "absorbed_hlc INTEGER"],
  _understudy_conflict: [
    "winner_shape INTEGER",
    "loser_shape INTEGER",
    "reapplied_at TEXT",
    "winner_epoch INTEGER",
    "loser_epoch INTEGER",
    "settled_at TEXT",
    "settled_by TEXT",
    "reapplied_as INTEGER",
  ],
  _understudy_row_version: ["epoch INTEGER", "policy TEXT", "context INTEGER"],
  _understudy_displaced: ["epoch INTEGER"],
} as const;

export interface Control {
  readonly n: number;
  /** Number of this node's own origin. */
  readonly origin: number;
  readonly seq: number;
  readonly hlc: number;
  readonly context: number;
  /** Log entries up to here are reflected in `row_version`. */
  readonly absorbed: number;
  /** The latest time among them, and of all that was here before. */
  readonly absorbedTime: number;
  /** Log entries up to here were written by triggers that fit the tables. */
  readonly verified: number;
  /** Own changes up to here were committed when the agent wrote last: a file that is found again has them all. */
  readonly sealed: number;
}

export function createChangeLogTables(database: SqliteDatabase, origin: OriginId): void {
  database.exec(tables);
  addLaterColumns(database);
  // There are none, as a rule, and the log is pruned under the application's lock.
  database.exec(`CREATE INDEX IF NOT EXISTS _understudy_row_policy ON _understudy_row_version (policy) WHERE policy IS NOT NULL;
    CREATE INDEX IF NOT EXISTS _understudy_rival_open ON _understudy_rival (line) WHERE open = 1;
    CREATE INDEX IF NOT EXISTS _understudy_rival_policy ON _understudy_rival (tbl) WHERE ${isOfAnotherPolicy}`);
  database.exec(`INSERT OR IGNORE INTO _understudy_context (id, vector) VALUES (1, '{}')`);
  if (database.get("SELECT 1 FROM _understudy_control") !== undefined) return;
  database.run("INSERT INTO _understudy_origin (id, name, seq) VALUES (1, ?, 0)", origin);
  database.exec(
    "INSERT INTO _understudy_control (id, applying, n, origin, seq, hlc, context, absorbed, verified, sealed, absorbed_hlc) VALUES (1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0)",
  );
}

function addLaterColumns(database: SqliteDatabase): void {
  for (const [table, columns] of Object.entries(laterColumns)) {
    const present = new Set(database.all("SELECT name FROM pragma_table_info(?)", table).map(({ name }) => String(name)));
    for (const column of columns) if (!present.has(column.split(" ")[0] ?? "")) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`);
  }
}

export function hasChangeLogTables(database: SqliteDatabase): boolean {
  return database.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_understudy_control'") !== undefined;
}

export function readControl(database: SqliteDatabase): Control {
  const row = database.get(`SELECT * FROM ${countersSql}`);
  if (row === undefined) throw new Error(`${database.path} has lost the agent's control row`);
  const number = (name: string) => Number(row[name]);
  return {
    n: number("n"),
    origin: number("origin"),
    seq: number("seq"),
    hlc: number("hlc"),
    context: number("context"),
    absorbed: number("absorbed"),
    absorbedTime: number("absorbed_hlc"),
    verified: number("verified"),
    sealed: number("sealed"),
  };
}

/** Brings `control` up to what triggers have counted since. Before what it says changes its meaning, inside that transaction. */
export function settleControl(database: SqliteDatabase): Control {
  const control = readControl(database);
  database.run("UPDATE _understudy_control SET n = ?, seq = ?, hlc = ?", control.n, control.seq, control.hlc);
  return control;
}

export function readMeta(database: SqliteDatabase, key: string): string | undefined {
  const value = database.get("SELECT value FROM _understudy_meta WHERE key = ?", key)?.["value"];
  return value === undefined || value === null ? undefined : String(value);
}

export function writeMeta(database: SqliteDatabase, key: string, value: string): void {
  database.run("INSERT OR REPLACE INTO _understudy_meta (key, value) VALUES (?, ?)", key, value);
}

export function dropMeta(database: SqliteDatabase, key: string): void {
  database.run("DELETE FROM _understudy_meta WHERE key = ?", key);
}

/** The highest epoch of any write in the file: whoever writes under an older one is no longer the writer. 0: none was written under one. */
export function readEpoch(database: SqliteDatabase): number {
  return Number(readMeta(database, "epoch") ?? 0);
}

/** Inside the transaction that brings writes of this epoch. */
export function noteEpoch(database: SqliteDatabase, epoch: number): void {
  if (epoch > 0 && epoch > readEpoch(database)) writeMeta(database, "epoch", String(epoch));
}

/** What may have left the log: what every member was known to have. */
export function readPruned(database: SqliteDatabase): VersionVector {
  return JSON.parse(readMeta(database, "pruned") ?? "{}") as VersionVector;
}

/** Of that what every member was known to have; the rest left because the log has its limits. In files of earlier agents that was all. */
export function readSettled(database: SqliteDatabase): VersionVector {
  const settled = readMeta(database, "settled");
  return settled === undefined ? readPruned(database) : (JSON.parse(settled) as VersionVector);
}

/** Inside the transaction that lets entries go: `settled` what every member has, `letGo` what some member lacks. */
export function notePruned(
  database: SqliteDatabase,
  { settled = {}, letGo = {} }: { readonly settled?: VersionVector; readonly letGo?: VersionVector },
): void {
  writeMeta(database, "settled", JSON.stringify(joined(readSettled(database), settled)));
  writeMeta(database, "pruned", JSON.stringify(joined(readPruned(database), joined(settled, letGo))));
}

/** How far the file's own numbers were before it may have gone back and went on under another origin. */
export function readHeld(database: SqliteDatabase): VersionVector {
  return JSON.parse(readMeta(database, "held") ?? "{}") as VersionVector;
}

export function writeHeld(database: SqliteDatabase, held: VersionVector): void {
  writeMeta(database, "held", JSON.stringify(held));
}

/** Origins by their number in this file; the numbers mean nothing elsewhere. */
export function readOrigins(
  database: SqliteDatabase,
  control: Pick<Control, "origin" | "seq"> = readControl(database),
): Map<number, { readonly name: OriginId; readonly seq: number }> {
  return new Map(
    database.all("SELECT id, name, seq FROM _understudy_origin").map((row) => {
      const id = Number(row["id"]);
      return [id, { name: String(row["name"]) as OriginId, seq: id === control.origin ? control.seq : Number(row["seq"]) }];
    }),
  );
}

/** Under which this file's own writes are counted. */
export function ownOrigin(database: SqliteDatabase): OriginId {
  const { origin } = readControl(database);
  const name = readOrigins(database).get(origin)?.name;
  if (name === undefined) throw new Error(`${database.path} does not know its own origin`);
  return name;
}

export function readVector(database: SqliteDatabase): VersionVector {
  return vectorOf(readOrigins(database));
}

export function vectorOf(origins: ReturnType<typeof readOrigins>): VersionVector {
  return Object.fromEntries([...origins.values()].map(({ name, seq }) => [name, seq]));
}

/** The number of an origin, given one where it is new. */
export function originNumber(database: SqliteDatabase, name: OriginId): number {
  database.run("INSERT OR IGNORE INTO _understudy_origin (name, seq) VALUES (?, 0)", name);
  return database.number("SELECT id FROM _understudy_origin WHERE name = ?", name);
}
