import { limits } from "../../shared/config/limits.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import type { Replica } from "../replication/replica.ts";
import { lineageOf } from "../replication/replica-identity.ts";
import { SqliteDatabase } from "../replication/sqlite-database.ts";
import type { TableForm } from "../replication/table-form.ts";
import type { Asked } from "./compare-asker.ts";
import type { KnownTables } from "./compared-tables.ts";
import { type KeyRange, type RangeRow, rangeDigest, readRange, rowDigest } from "./key-range.ts";
import { readInstant } from "./replica-instant.ts";

const bounds = { rows: limits.compareRowsMax, bytes: limits.compareBytesMax };

/** The comparison cannot go on: the message says why. */
export class CannotCompare extends Error {}

/** What this node's replica shows of one table at one instant. */
export interface OwnSnapshot {
  readonly database: SqliteDatabase;
  readonly form: TableForm;
  /** What each question says of it. */
  readonly about: Pick<Asked, "dataSet" | "schema" | "lineage" | "vector" | "table">;
  readonly isSettled: boolean;
}

/** A range of this node's rows, and the two questions about it. */
export interface OwnRange {
  readonly range: KeyRange;
  readonly rows: readonly RangeRow[];
  readonly vector: VersionVector;
  readonly asRange: Asked;
  readonly asRows: Asked;
  readonly isSettled: boolean;
}

/** This node's replica of one data set, as long as it is the same file: rows of it for others to judge. */
export class OwnReplica {
  readonly name: string;
  readonly #replica: Replica;
  readonly #tables: KnownTables;
  readonly #opening: number;

  constructor(replica: Replica, tables: KnownTables) {
    this.name = replica.name;
    this.#replica = replica;
    this.#tables = tables;
    this.#opening = replica.view.opening;
  }

  get path(): string {
    return this.#replica.path;
  }

  /** Its readers hold nobody up: it has a write-ahead log. */
  get hasLog(): boolean {
    return this.#open((database) => database.get("PRAGMA journal_mode")?.["journal_mode"] === "wal");
  }

  tableNames(): readonly string[] {
    return this.#open((database) => database.read(() => [...this.#tablesIn(database).forms.keys()]));
  }

  /** On one read snapshot. Throws `CannotCompare` where the table is gone, or the file another one. */
  read<Result>(table: string, work: (snapshot: OwnSnapshot) => Result): Result {
    return this.#open((database) => database.read(() => work(this.#snapshot(database, table))));
  }

  /** As `read`, in a transaction that writes. */
  write<Result>(table: string, work: (snapshot: OwnSnapshot) => Result): Result {
    return this.#open((database) => database.write(() => work(this.#snapshot(database, table))));
  }

  /** The rows of a range, or the first part of them where they are too many for one question. */
  show(table: string, { after, upTo }: KeyRange): OwnRange {
    return this.read(table, ({ database, form, about, isSettled }) => {
      const { rows, isCut } = readRange(database, form, { after, upTo }, bounds);
      const range = { after, upTo: isCut ? (rows.at(-1)?.key ?? upTo) : upTo };
      return {
        range,
        rows,
        vector: about.vector,
        isSettled,
        asRange: { type: "compare-range", ...about, range, digest: rangeDigest(rows) },
        asRows: { type: "compare-rows", ...about, range, rows: rows.map(({ key, bytes }) => [key, rowDigest(bytes)]) },
      };
    });
  }

  #snapshot(database: SqliteDatabase, table: string): OwnSnapshot {
    const { fingerprint, forms } = this.#tablesIn(database);
    const form = forms.get(table);
    if (form === undefined) throw new CannotCompare(`table ${table} is not there any more`);
    const { vector, isSettled } = readInstant(database, table);
    const about = { dataSet: this.name, schema: fingerprint, lineage: lineageOf(database), vector, table };
    return { database, form, about, isSettled };
  }

  #tablesIn(database: SqliteDatabase) {
    const { path, identity } = this.#replica;
    return this.#tables.read(database, { path, opening: this.#opening, local: identity.local });
  }

  #open<Result>(work: (database: SqliteDatabase) => Result): Result {
    const { following, view, path } = this.#replica;
    if (!following) throw new CannotCompare(`data set ${this.name} is not in step on this node: its status says why`);
    if (view.opening !== this.#opening) throw new CannotCompare(`another file stands at ${path} now`);
    const database = new SqliteDatabase(path);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}
