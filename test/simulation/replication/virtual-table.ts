import type { RowVersion } from "../../../shared/domain/replication/change.ts";
import type { ColumnWrites } from "../../../shared/domain/replication/column-writes.ts";
import { compareVersions, type KnownVersion } from "../../../shared/domain/replication/merge-rule.ts";
import { type MergeConflict, type MergeTable, neverWritten } from "../../../shared/domain/replication/merge-table.ts";
import type { Rival } from "../../../shared/domain/replication/rival.ts";
import { columns, isSameRow, type JournalLine, type Row, type TableName } from "./records.ts";
import type { VirtualFile } from "./virtual-file.ts";

export interface NewestWrite extends KnownVersion {
  readonly stands: boolean;
}

/** What the agent keeps beside the rows, and a planted bug may forget. */
export type Forgettable = "displaced" | "journal" | "rivals" | "columns";

export interface DisplacedRow {
  readonly row: Row;
  readonly version: RowVersion;
}

/** A table in a virtual file, as the merge of the core reads and changes it. */
export class VirtualTable implements MergeTable<string, Row> {
  conflicts = 0;
  readonly #file: VirtualFile;
  readonly #table: TableName;
  readonly #isKept: (kind: Forgettable) => boolean;

  /** `isKept` false: a planted bug forgets this kind of record. */
  constructor(file: VirtualFile, table: TableName, isKept: (kind: Forgettable) => boolean) {
    this.#file = file;
    this.#table = table;
    this.#isKept = isKept;
  }

  keyOf(row: Row): string {
    return row.key;
  }

  read(key: string): Row | undefined {
    return this.#file.get("row", this.#at(key));
  }

  isEqual(one: Row, other: Row): boolean {
    return isSameRow(one, other);
  }

  put(row: Row): void {
    this.#file.set("row", this.#at(row.key), row);
  }

  remove(key: string): void {
    this.#file.set("row", this.#at(key), undefined);
  }

  inTheWayOf(row: Row): readonly string[] {
    if (row.name === null) return [];
    return this.rows().flatMap(({ key, name }) => (key !== row.key && name === row.name ? [key] : []));
  }

  rows(): readonly Row[] {
    return [...this.#file.entries("row")].flatMap(([, row]) => (row.table === this.#table ? [row] : []));
  }

  newestWrite(key: string): KnownVersion | undefined {
    return this.#file.get("newest", this.#at(key));
  }

  noteWrite(key: string, write: KnownVersion, stands: boolean): void {
    this.#file.set("newest", this.#at(key), { ...write, stands } satisfies NewestWrite);
  }

  displaced(): readonly DisplacedRow[] {
    const rows = [...this.#file.entries("displaced")].flatMap(([, one]) => (one.row.table === this.#table ? [one] : []));
    return rows.toSorted((one, other) => compareVersions(other.version, one.version) || (one.row.key < other.row.key ? -1 : 1));
  }

  displacedRow(key: string): Row | undefined {
    return this.#file.get("displaced", this.#at(key))?.row;
  }

  displace(row: Row, version: RowVersion): void {
    if (this.#isKept("displaced")) this.#file.set("displaced", this.#at(row.key), { row, version } satisfies DisplacedRow);
  }

  forgetDisplaced(key: string): void {
    if (this.#file.get("displaced", this.#at(key)) !== undefined) this.#file.set("displaced", this.#at(key), undefined);
  }

  rivals(key: string): readonly Rival<Row>[] {
    return this.#file.get("rivals", this.#at(key)) ?? [];
  }

  keepRivals(key: string, rivals: readonly Rival<Row>[]): void {
    this.#file.set("rivals", this.#at(key), rivals.length > 0 && this.#isKept("rivals") ? rivals : undefined);
  }

  columnsOf(): readonly string[] {
    return columns;
  }

  withColumns(row: Row, other: Row, taken: readonly string[]): Row {
    return { ...row, ...Object.fromEntries(columns.flatMap((column) => (taken.includes(column) ? [[column, other[column]]] : []))) };
  }

  onlyColumns(row: Row, kept: readonly string[]): Row {
    return this.withColumns({ ...row, name: null, value: 0, note: 0 }, row, kept);
  }

  carriedBy({ origin, seq }: KnownVersion): Row | undefined {
    const entry = [...this.#file.entries("log")].find(([, change]) => change.origin === origin && change.seq === seq);
    return entry?.[1].operation === "put" ? entry[1].row : undefined;
  }

  columnWrites(key: string): ColumnWrites | undefined {
    return this.#file.get("columnWrites", this.#at(key));
  }

  keepColumnWrites(key: string, writes: ColumnWrites | undefined): void {
    this.#file.set("columnWrites", this.#at(key), this.#isKept("columns") ? writes : undefined);
  }

  journal({ reason, key, loser }: MergeConflict<string, Row>): number {
    this.conflicts += 1;
    const number = this.#file.size("journal") + 1;
    if (!this.#isKept("journal")) return number;
    const line: JournalLine = { reason, table: this.#table, key, loser: { ...neverWritten, ...definedOf(loser) } };
    this.#file.set("journal", String(number), line);
    return number;
  }

  #at(key: string): string {
    return `${this.#table} ${key}`;
  }
}

function definedOf({ hlc, origin }: Partial<RowVersion>): Partial<RowVersion> {
  return { ...(hlc === undefined ? {} : { hlc }), ...(origin === undefined ? {} : { origin }) };
}
