import type { ColumnWrites } from "../../../shared/domain/replication/column-writes.ts";
import type { Rival } from "../../../shared/domain/replication/rival.ts";
import type { Control, JournalLine, Row, SimulatedChange } from "./records.ts";
import type { DisplacedRow, NewestWrite } from "./virtual-table.ts";

/** What a replica's file holds, by the tables of the agent's own and the application's rows. */
export interface Families {
  /** By table and key. */
  readonly row: Row;
  readonly newest: NewestWrite;
  readonly displaced: DisplacedRow;
  readonly rivals: readonly Rival<Row>[];
  readonly columnWrites: ColumnWrites;
  /** By number. */
  readonly log: SimulatedChange;
  /** Numbers of the log after which a transaction is known to have ended. */
  readonly commitPoint: true;
  readonly journal: JournalLine;
  /** By name: how far the file has each foreign origin. */
  readonly origin: number;
  /** One row, under the empty key. */
  readonly control: Control;
}

type Family = Map<string, unknown>;
interface Undo {
  readonly family: Family;
  readonly key: string;
  readonly before: unknown;
}

/**
 * A database file on a disk that may lose power, as SQLite in WAL keeps one: a transaction is there as a whole or not at all; what was committed
 * survives the death of any process; what was not synced yet may vanish with the power, the last transactions first and each as a whole.
 */
export class VirtualFile {
  readonly #families: Map<string, Family>;
  #open: Undo[] | undefined;
  /** Of the transactions that are not known to be on the disk, in their order. */
  #unsynced: Undo[][] = [];

  constructor(families: ReadonlyMap<string, Family> = new Map()) {
    this.#families = new Map([...families].map(([name, family]) => [name, new Map(family)]));
  }

  /** Values are never changed in place, so a copy is cheap. */
  copy(): VirtualFile {
    if (this.#open !== undefined) throw new Error("a file is copied between transactions");
    return new VirtualFile(this.#families);
  }

  get<Name extends keyof Families>(family: Name, key: string): Families[Name] | undefined {
    return this.#families.get(family)?.get(key) as Families[Name] | undefined;
  }

  entries<Name extends keyof Families>(family: Name): IterableIterator<[string, Families[Name]]> {
    return this.#familyOf(family).entries() as IterableIterator<[string, Families[Name]]>;
  }

  size(family: keyof Families): number {
    return this.#familyOf(family).size;
  }

  set<Name extends keyof Families>(family: Name, key: string, value: Families[Name] | undefined): void {
    if (this.#open === undefined) throw new Error("a file is written inside a transaction");
    const values = this.#familyOf(family);
    this.#open.push({ family: values, key, before: values.get(key) });
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  }

  begin(): void {
    if (this.#open !== undefined) throw new Error("a transaction is open already");
    this.#open = [];
  }

  /** `synced`: this transaction and all before it are on the disk. */
  commit(synced: boolean): void {
    this.#unsynced.push(this.#open ?? []);
    this.#open = undefined;
    if (synced) this.#unsynced = [];
  }

  rollback(): void {
    undo(this.#open ?? []);
    this.#open = undefined;
  }

  sync(): void {
    this.#unsynced = [];
  }

  get unsynced(): number {
    return this.#unsynced.length;
  }

  /** The power goes: of the transactions that were not synced only the first `survive` are found again. */
  losePower(survive: number): void {
    this.rollback();
    for (const lost of this.#unsynced.splice(survive).toReversed()) undo(lost);
    this.#unsynced = [];
  }

  #familyOf(name: string): Family {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const made: Family = new Map();
    this.#families.set(name, made);
    return made;
  }
}

function undo(entries: readonly Undo[]): void {
  for (const { family, key, before } of entries.toReversed()) {
    if (before === undefined) family.delete(key);
    else family.set(key, before);
  }
}
