import type { OriginId } from "../../shared/domain/ids.ts";
import type { RowVersion, TableShape } from "../../shared/domain/replication/change.ts";
import { compareVersions, decideMerge, type KnownVersion } from "../../shared/domain/replication/merge-rule.ts";
import type { LoggedChange } from "./change-log.ts";
import { originNumber } from "./change-log-tables.ts";
import { type Conflict, journalConflict } from "./conflict-journal.ts";
import type { ReplicaTable } from "./replica-table.ts";
import { decodeRow } from "./row-codec.ts";
import { shapeNumber } from "./sqlite-capture.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Of a row that nobody has written since the data set's start: older than any write, and the same on every replica. */
const oldest: RowVersion = { hlc: -1, origin: "" as OriginId };
/** In place of an origin's number, which a row that nobody has written has none of. */
const noOrigin = 0;

/**
 * Brings incoming changes together with what stands, inside the applying transaction. One rule decides each row (merge-rule.ts).
 * Where two rows with different keys claim one unique value, the later one stands and the other is displaced: kept aside, and
 * put back if the later one goes. So which rows stand depends on the writes alone, never on the order of their arrival.
 */
export class RowMerge {
  conflicts = 0;
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  merge(table: ReplicaTable, change: LoggedChange): void {
    const row = decodeRow(change.row);
    const keyValues = table.keyValues(change.shape, row);
    const key = table.keyOf(keyValues);
    const name = table.form.table;
    const known = this.#knownVersion(name, key);
    const { incomingWins, conflict } = decideMerge(known, change);
    if (conflict) {
      const incoming = { ...change, row: change.operation === "put" ? change.row : undefined };
      const standing = { ...known, shape: table.form, row: table.read(keyValues) };
      const [winner, loser] = incomingWins ? [incoming, standing] : [standing, incoming];
      this.#journal({ reason: "same-row", table: name, key, winner, loser });
    }
    if (!incomingWins) return;
    this.#database.run(
      "INSERT OR REPLACE INTO _understudy_row_version (tbl, key, hlc, origin, seq, stands) VALUES (?, ?, ?, ?, ?, ?)",
      name,
      key,
      change.hlc,
      originNumber(this.#database, change.origin),
      change.seq,
      change.operation === "put" ? 1 : 0,
    );
    this.#database.run("DELETE FROM _understudy_displaced WHERE tbl = ? AND key = ?", name, key);
    if (change.operation === "delete") table.remove(keyValues);
    else this.#place(table, change.shape, change.row, change);
  }

  /** Puts displaced rows back where nothing later stands in their way any more. */
  settleDisplaced(table: ReplicaTable): void {
    const waiting = () =>
      this.#database.all(
        `SELECT d.key, d.row, d.hlc, coalesce(o.name, '') AS name, s.form FROM _understudy_displaced AS d
         LEFT JOIN _understudy_origin AS o ON o.id = d.origin JOIN _understudy_shape AS s ON s.id = d.shape
         WHERE d.tbl = ? ORDER BY d.hlc DESC, o.name DESC, d.key`,
        table.form.table,
      );
    // Each round puts back the latest row that can stand; it may displace earlier ones, never a later one, so this ends.
    for (let placed = true; placed; ) {
      placed = waiting().some((entry) => {
        const version = { hlc: Number(entry["hlc"]), origin: String(entry["name"]) as OriginId };
        const shape = JSON.parse(String(entry["form"])) as TableShape;
        const row = entry["row"] as Uint8Array;
        if (this.#laterInTheWay(table, shape, row, version)) return false;
        this.#database.run("DELETE FROM _understudy_displaced WHERE tbl = ? AND key = ?", table.form.table, entry["key"] as Uint8Array);
        this.#place(table, shape, row, version);
        return true;
      });
    }
  }

  #place(table: ReplicaTable, shape: TableShape, bytes: Uint8Array, version: RowVersion): void {
    const row = decodeRow(bytes);
    const keyValues = table.keyValues(shape, row);
    if (this.#laterInTheWay(table, shape, bytes, version)) {
      table.remove(keyValues);
      this.#displace(table, shape, table.keyOf(keyValues), bytes, version);
      return;
    }
    for (const standing of table.inTheWayOf(shape, row)) {
      const displaced = table.read(standing.keyValues);
      if (displaced === undefined) continue;
      table.remove(standing.keyValues);
      this.#displace(table, table.form, standing.key, displaced, this.#knownVersion(table.form.table, standing.key) ?? oldest);
    }
    table.put(shape, row);
  }

  #laterInTheWay(table: ReplicaTable, shape: TableShape, bytes: Uint8Array, version: RowVersion): boolean {
    return table
      .inTheWayOf(shape, decodeRow(bytes))
      .some(({ key }) => compareVersions(this.#knownVersion(table.form.table, key) ?? oldest, version) > 0);
  }

  #displace(table: ReplicaTable, shape: TableShape, key: Uint8Array, row: Uint8Array, version: RowVersion): void {
    this.#journal({ reason: "unique-value", table: table.form.table, key, winner: undefined, loser: { ...version, shape, row } });
    this.#database.run(
      "INSERT OR REPLACE INTO _understudy_displaced (tbl, key, shape, hlc, origin, row) VALUES (?, ?, ?, ?, ?, ?)",
      table.form.table,
      key,
      shapeNumber(this.#database, shape),
      version.hlc,
      version.origin === oldest.origin ? noOrigin : originNumber(this.#database, version.origin),
      row,
    );
  }

  #journal(conflict: Conflict): void {
    this.conflicts += 1;
    journalConflict(this.#database, conflict);
  }

  #knownVersion(table: string, key: Uint8Array): KnownVersion | undefined {
    const row = this.#database.get(
      `SELECT v.hlc, v.seq, o.name FROM _understudy_row_version AS v JOIN _understudy_origin AS o ON o.id = v.origin WHERE v.tbl = ? AND v.key = ?`,
      table,
      key,
    );
    if (row === undefined) return undefined;
    return { hlc: Number(row["hlc"]), seq: Number(row["seq"]), origin: String(row["name"]) as OriginId };
  }
}
