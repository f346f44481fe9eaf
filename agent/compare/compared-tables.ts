import { createHash } from "node:crypto";
import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { schemaVersion } from "../replication/sqlite-capture.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import { readTableForms, type TableForm } from "../replication/table-form.ts";

/** The replicated tables of a file at one instant: what is local is not among them. */
export interface ComparedTables {
  /** Equal where two replicas store and displace rows alike; otherwise nothing can be said of their rows. */
  readonly fingerprint: string;
  /** By name. */
  readonly forms: ReadonlyMap<string, TableForm>;
}

/** Which file it is: tables are looked at again where any of it is another. */
export interface ComparedFile {
  readonly path: string;
  readonly opening: number;
  readonly local: readonly LocalPart[];
}

/** What is known of files' tables, so that a question costs no look at the whole schema. */
export class KnownTables {
  readonly #known = new Map<string, { readonly of: string; readonly tables: ComparedTables }>();

  read(database: SqliteDatabase, { path, opening, local }: ComparedFile): ComparedTables {
    const of = JSON.stringify([opening, local, schemaVersion(database)]);
    const known = this.#known.get(path);
    if (known?.of === of) return known.tables;
    const { forms } = readTableForms(database, local);
    const tables = { fingerprint: fingerprintOf(forms), forms: new Map(forms.map((form) => [form.table, form])) };
    this.#known.set(path, { of, tables });
    return tables;
  }
}

/** Indexes may have been made in another order. */
function fingerprintOf(forms: readonly TableForm[]): string {
  const alike = forms.map((form) => ({ ...form, uniques: form.uniques.map((unique) => JSON.stringify(unique)).toSorted() }));
  return createHash("sha256").update(JSON.stringify(alike)).digest("hex");
}
