import type { LocalPart } from "../../shared/domain/replication/local-parts.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { tableRows } from "./table-digest.ts";
import { readTableForms, type TableForm } from "./table-form.ts";

/** Nobody waits for this thread: an application, or an agent that prunes its log, may finish first. */
const busyTimeoutMs = 5_000;

export interface ReplicaComparison {
  readonly equal: boolean;
  /** Tables compared, and rows of one replica. */
  readonly tables: number;
  readonly rows: number;
  /** One sentence per table that differs, with the files' names. */
  readonly differences: readonly string[];
}

/**
 * Compares SQLite files row by row, value by value, in key order: all replicated tables, without the agent's own and the `local` ones.
 * Each file is read on its own snapshot, so it is for databases at rest.
 */
export function compareReplicas(paths: readonly string[], local: readonly LocalPart[] = []): ReplicaComparison {
  const databases = paths.map((path) => new SqliteDatabase(path, busyTimeoutMs));
  try {
    const forms = databases.map((database) => new Map(readTableForms(database, local).forms.map((form) => [form.table, form])));
    const names = new Set(forms.flatMap((tables) => [...tables.keys()]));
    const differences: string[] = [];
    let rows = 0;
    for (const name of [...names].toSorted()) {
      const present = forms.map((tables) => tables.get(name));
      const absent = paths.filter((_, index) => present[index] === undefined);
      if (absent.length > 0) {
        differences.push(`table ${name} is missing from ${absent.join(", ")}`);
        continue;
      }
      const compared = compareTable(databases, present as TableForm[]);
      rows += compared.rows;
      if (compared.difference !== undefined) differences.push(`table ${name} ${compared.difference}`);
    }
    return { equal: differences.length === 0, tables: names.size, rows, differences };
  } finally {
    for (const database of databases) database.close();
  }
}

function compareTable(databases: readonly SqliteDatabase[], forms: readonly TableForm[]): { rows: number; difference?: string } {
  const [first] = forms;
  const columns = JSON.stringify(first?.columns);
  if (forms.some((form) => JSON.stringify(form.columns) !== columns))
    return { rows: 0, difference: "does not have the same columns everywhere" };
  const walks = databases.map((database, index) => tableRows(database, forms[index] as TableForm));
  for (let rows = 0; ; rows += 1) {
    const next = walks.map((walk) => walk.next());
    if (next.every((one) => one.done === true)) return { rows };
    const [reference] = next;
    const differing = databases.filter((_, index) => !sameRow(next[index], reference)).map((database) => database.path);
    if (differing.length > 0) {
      for (const walk of walks) walk.return(undefined);
      return {
        rows,
        difference: `differs from row ${rows + 1} on (in key order) between ${databases[0]?.path} and ${differing.join(", ")}`,
      };
    }
  }
}

function sameRow(one: IteratorResult<Uint8Array> | undefined, other: IteratorResult<Uint8Array> | undefined): boolean {
  if (one === undefined || other === undefined || one.done === true || other.done === true) return one?.done === other?.done;
  return Buffer.compare(one.value, other.value) === 0;
}
