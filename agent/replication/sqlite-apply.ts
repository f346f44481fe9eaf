import type { OriginId } from "../../shared/domain/ids.ts";
import { Progress } from "../../shared/domain/replication/admission.ts";
import type { TableShape } from "../../shared/domain/replication/change.ts";
import { settleDisplaced } from "../../shared/domain/replication/displacement.ts";
import type { HybridTime } from "../../shared/domain/replication/hybrid-clock.ts";
import { ownSlice } from "../../shared/domain/replication/own-slice.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { mergeWrite, noteNewest } from "../../shared/domain/replication/row-merge.ts";
import { logColumns, operationCode } from "./capture-triggers.ts";
import { type LoggedChange, unknownOrigin } from "./change-log.ts";
import { dropMeta, noteEpoch, originNumber, readMeta, readOrigins, readVector, settleControl, writeMeta } from "./change-log-tables.ts";
import { noteCommitPoint, type SeenEnds } from "./commit-points.ts";
import { withoutLocalColumns } from "./local-columns.ts";
import { isLocalRow } from "./local-rows.ts";
import { logEntries, remembered } from "./log-entry.ts";
import type { OwnDating } from "./own-times.ts";
import { ReplicaTable } from "./replica-table.ts";
import { retimeOwn } from "./retime-own.ts";
import { decodeRow, type SqlValue } from "./row-codec.ts";
import { type Capture, schemaVersion, shapeNumber, widen } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { SqliteMergeTable } from "./sqlite-merge-table.ts";
import { SuspendedTriggers } from "./suspended-triggers.ts";
import type { TableForm } from "./table-form.ts";
import { contextNumber, readContext, type WriteContext } from "./write-context.ts";
import { loggedWidth, rowOfEntry } from "./written-columns.ts";

export interface Applied {
  /** Changes that were new here; repeated ones are not counted. */
  readonly changes: number;
  readonly conflicts: number;
  /** Own writes whose times were too far ahead, and are others now. */
  readonly retimed: number;
  /** The schema version after the transaction; it differs where the application's own triggers had to step aside. */
  readonly schemaVersion: number;
  /** Own writes that are still to be taken into account; nothing of what came was applied where there are any. */
  readonly owed: number;
}

/** How the transaction treats this node's own writes since the last one. */
export interface OwnWrites {
  readonly dating?: OwnDating | undefined;
  /** So many of them in one transaction at most (own-slice.ts). Absent: all. */
  readonly entriesMax?: number;
  /** Where transactions were seen to end. */
  readonly ends?: SeenEnds;
}

/** Set between slices of own writes: what they touched is settled when all are taken in. */
const unsettledKey = "unsettled";

/** The application changed its tables since capture was set up; set it up again and apply again. */
export class SchemaMoved extends Error {}

/** The incoming rows have a form that the local table cannot take yet. */
export class SchemaDiffers extends Error {}

/** Something is missing between what this replica has and what came. */
export class ChangesMissing extends Error {}

/**
 * Applies whole transactions of other nodes in one transaction: rows, log entries and vector together or not at all. Each
 * origin's changes exactly once and in order; what is here already is passed over.
 *
 * The application's own triggers do not run for these rows: what they did where the row was written has been captured there
 * and comes as changes of its own. They are dropped and put back inside the transaction, so nobody ever sees them missing.
 */
export function applyChanges(database: SqliteDatabase, capture: Capture, changes: Iterable<LoggedChange>, own: OwnWrites = {}): Applied {
  return database.write(() => applyInTransaction(database, capture, changes, own));
}

/** As `applyChanges`, inside a transaction that the caller ends. */
export function applyInTransaction(
  database: SqliteDatabase,
  capture: Capture,
  changes: Iterable<LoggedChange>,
  own: OwnWrites = {},
): Applied {
  if (schemaVersion(database) !== capture.schemaVersion) throw new SchemaMoved("the tables have changed");
  const applying = new Applying(database, capture, own);
  if (applying.owed > 0) return applying.pause();
  for (const change of changes) applying.apply(change);
  return applying.finish();
}

/** Brings the row versions up to this node's own newest writes, and displaced rows back where those made room. */
export function absorbOwnChanges(database: SqliteDatabase, capture: Capture): Applied {
  return applyChanges(database, capture, []);
}

class Applying {
  readonly #database: SqliteDatabase;
  readonly #capture: Capture;
  readonly #tables = new Map<string, SqliteMergeTable>();
  readonly #touched = new Set<string>();
  readonly #progress: Progress;
  readonly #ownOrigin: { readonly id: number; readonly name: OriginId };
  readonly #ownSeq: number;
  readonly #triggers: SuspendedTriggers;
  /** Numbers of origins and shapes in this file, and of contexts, looked up once a transaction. */
  readonly #numbers = new Map<unknown, number>();
  readonly #contexts = new Map<VersionVector, { readonly epoch: number | undefined; readonly number: number }>();
  readonly #retimed: number;
  /** Own writes that are left for the next transactions. */
  readonly owed: number;
  #absorbed: number;
  #absorbedTime: HybridTime;
  #epoch = 0;
  #n: number;

  constructor(database: SqliteDatabase, capture: Capture, { dating, entriesMax = Number.POSITIVE_INFINITY, ends }: OwnWrites) {
    this.#database = database;
    this.#capture = capture;
    this.#triggers = new SuspendedTriggers(database);
    const { n, seq, hlc: told, origin, absorbed, absorbedTime } = settleControl(database);
    const own = dating === undefined ? { hlc: told, retimed: 0 } : retimeOwn(database, { absorbed, absorbedTime, hlc: told }, dating);
    const { hlc } = own;
    this.#retimed = own.retimed;
    database.exec("UPDATE _understudy_control SET applying = 1");
    this.#n = n;
    ends?.note(database);
    noteCommitPoint(database, n);
    this.#ownOrigin = { id: origin, name: readOrigins(database).get(origin)?.name ?? unknownOrigin(database, origin) };
    this.#ownSeq = seq;
    this.#progress = new Progress(readVector(database), hlc, this.#ownOrigin.name);
    this.#absorbed = absorbed;
    this.#absorbedTime = absorbedTime;
    const { upTo, owed } = ownSlice({ absorbed, n }, entriesMax);
    this.owed = owed;
    if (absorbed < upTo) this.#absorb(upTo);
  }

  apply(change: LoggedChange): void {
    const admission = this.#progress.admit(change);
    if (admission.kind === "known") return;
    const { origin, seq, shape } = change;
    if (admission.kind === "missing") {
      const { origin: lacking, from, to } = admission;
      throw new ChangesMissing(`changes ${from} to ${to} of ${lacking} are missing, on which change ${seq} of ${origin} builds`);
    }
    const table = this.#capture.local.has(shape.table.toLowerCase()) ? undefined : this.#tableFor(shape);
    const logged = decodeRow(change.row);
    if (logged.length !== loggedWidth(shape)) throw new SchemaDiffers(`a row of ${shape.table} has ${logged.length} values`);
    const { values, written } = rowOfEntry(shape, logged);
    this.#log(change, logged);
    this.#epoch = Math.max(this.#epoch, change.epoch ?? 0);
    // Who wrote it did not know yet that this is local. It counts, and is passed on to others who do not, and touches no row here.
    if (table === undefined || this.#isLocalRow(table, shape, values)) return;
    this.#triggers.suspend(table.form.table);
    mergeWrite(table, { ...change, policy: shape.conflicts, ...withoutLocalColumns(table.form, { shape, values, written }) });
    this.#touched.add(table.form.table);
  }

  /** Ends the transaction where own writes are owed. They are not sealed: that divides their numbers, and this may be the middle of one of their transactions. */
  pause(): Applied {
    const { hlc } = this.#progress;
    this.#database.run(
      "UPDATE _understudy_control SET applying = 0, n = ?, hlc = ?, absorbed = ?, absorbed_hlc = ?",
      this.#n,
      hlc,
      this.#absorbed,
      this.#absorbedTime,
    );
    // Whichever they touched: by the last of them nobody knows any more.
    writeMeta(this.#database, unsettledKey, "all");
    return { changes: 0, conflicts: 0, retimed: this.#retimed, schemaVersion: schemaVersion(this.#database), owed: this.owed };
  }

  finish(): Applied {
    const database = this.#database;
    this.#settle();
    this.#triggers.restore();
    const { vector, hlc, changes } = this.#progress;
    for (const [name, seq] of Object.entries(vector)) database.run("UPDATE _understudy_origin SET seq = ? WHERE name = ?", seq, name);
    database.run(
      "UPDATE _understudy_control SET applying = 0, n = ?, hlc = ?, absorbed = ?, absorbed_hlc = ?, sealed = ?",
      this.#n,
      hlc,
      this.#n,
      hlc,
      this.#ownSeq,
    );
    if (changes > 0) {
      database.run("UPDATE _understudy_control SET context = ?", contextNumber(database, { vector: readVector(database) }));
    }
    noteCommitPoint(database, this.#n);
    noteEpoch(database, this.#epoch);
    const conflicts = [...this.#tables.values()].reduce((sum, table) => sum + table.conflicts, 0);
    return { changes, conflicts, retimed: this.#retimed, schemaVersion: schemaVersion(database), owed: 0 };
  }

  /** Displaced rows of tables that were touched come back where there is room now. */
  #settle(): void {
    const displaced = this.#database.all("SELECT DISTINCT tbl FROM _understudy_displaced");
    const isAnyTouched = readMeta(this.#database, unsettledKey) !== undefined;
    for (const { tbl } of displaced) {
      const form = this.#capture.forms.get(String(tbl).toLowerCase());
      if (form === undefined || !(isAnyTouched || this.#touched.has(form.table))) continue;
      this.#triggers.suspend(form.table);
      settleDisplaced(this.#table(form));
    }
    if (isAnyTouched) dropMeta(this.#database, unsettledKey);
  }

  /** This node's own writes since the last time, up to here: each is its row's newest, since a local write comes after all that was applied. */
  #absorb(upTo: number): void {
    const contexts = new Map<number, WriteContext>();
    const { id, name: origin } = this.#ownOrigin;
    const sql = "SELECT * FROM _understudy_log WHERE n > ? AND n <= ? AND origin = ? ORDER BY n";
    // Collected first: a table must not be written while a statement walks another that the write may touch.
    const entries = Array.from(logEntries(this.#database, sql, this.#absorbed, upTo, id));
    this.#absorbed = upTo;
    for (const { seq, hlc, context, shape, isPut, values } of entries) {
      this.#absorbedTime = Math.max(this.#absorbedTime, hlc);
      const { epoch, vector } = remembered(contexts, context, () => readContext(this.#database, context));
      const form = this.#capture.forms.get(shape.table.toLowerCase());
      if (form === undefined) continue;
      const table = this.#table(form);
      const key = table.keyIn(shape, values);
      const { written } = rowOfEntry(shape, values);
      noteNewest(table, key, { epoch, hlc, origin, seq, policy: shape.conflicts, context: vector, written }, isPut);
      this.#touched.add(form.table);
    }
  }

  #log(change: LoggedChange, row: readonly SqlValue[]): void {
    const columns = logColumns(row.length);
    this.#n += 1;
    this.#database.run(
      `INSERT INTO _understudy_log (n, origin, seq, hlc, context, shape, operation, ${columns.join(", ")}) VALUES (?, ?, ?, ?, ?, ?, ?, ${columns.map(() => "?").join(", ")})`,
      this.#n,
      this.#numberOf(change.origin, () => originNumber(this.#database, change.origin)),
      change.seq,
      change.hlc,
      this.#contextOf(change),
      this.#numberOf(change.shape, () => {
        widen(this.#database, "_understudy_log", columns.length);
        return shapeNumber(this.#database, change.shape);
      }),
      operationCode[change.operation],
      ...row,
    );
  }

  #contextOf({ context, epoch }: LoggedChange): number {
    const known = this.#contexts.get(context);
    if (known !== undefined && known.epoch === epoch) return known.number;
    const number = contextNumber(this.#database, { vector: context, epoch });
    this.#contexts.set(context, { epoch, number });
    return number;
  }

  #numberOf(thing: unknown, find: () => number): number {
    return remembered(this.#numbers, thing, find);
  }

  #tableFor(shape: TableShape): SqliteMergeTable {
    const form = this.#capture.forms.get(shape.table.toLowerCase());
    if (form === undefined) {
      throw new SchemaDiffers(`table ${shape.table} does not exist here: create it as on the other nodes`);
    }
    const missing = shape.columns.filter(
      (column) => !form.columns.includes(column) && form.localColumns?.includes(column.toLowerCase()) !== true,
    );
    if (missing.length > 0)
      throw new SchemaDiffers(`table ${shape.table} has no column ${missing.join(", ")} here: bring the application's schema up to date`);
    if (keyColumnsOf(shape) !== keyColumnsOf(form)) throw new SchemaDiffers(`table ${shape.table} has another primary key here`);
    return this.#table(form);
  }

  /** SQLite says so, as it does in the triggers. */
  #isLocalRow({ form }: SqliteMergeTable, shape: TableShape, values: readonly SqlValue[]): boolean {
    if (form.localRows === undefined) return false;
    const key = values[shape.columns.indexOf(form.localRows.column.name)] ?? null;
    return this.#database.number(`SELECT ${isLocalRow(form.localRows, "?1")}`, key) === 1;
  }

  #table(form: TableForm): SqliteMergeTable {
    const known = this.#tables.get(form.table);
    if (known !== undefined) return known;
    const table = new SqliteMergeTable(this.#database, new ReplicaTable(this.#database, form));
    this.#tables.set(form.table, table);
    return table;
  }
}

function keyColumnsOf({ columns, key }: TableShape): string {
  return JSON.stringify(key.map((position) => columns[position]));
}
