/** What of an application's database never leaves its node: a whole table, by its name; some columns of one; or some of its rows. */
export type LocalPart = string | LocalColumns | LocalRows;

/** On other nodes such a column has what its own application has put there, or its default. */
export interface LocalColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

/** The rows whose key fits one of these patterns, as SQLite's GLOB has them: `*` is any text, `?` one character. */
export interface LocalRows {
  readonly table: string;
  readonly keys: readonly string[];
  /** Which column of a key of several. Absent: the key is one column. */
  readonly column?: string | undefined;
}

/** Names of the tables that are local as a whole, in lower case: SQLite's names of tables know no case. */
export function localTables(parts: readonly LocalPart[]): ReadonlySet<string> {
  return new Set(parts.flatMap((part) => (typeof part === "string" ? [part.toLowerCase()] : [])));
}

/** The local columns of a table that is replicated, in lower case. */
export function localColumnsOf(parts: readonly LocalPart[], table: string): ReadonlySet<string> {
  return new Set(
    parts.flatMap((part) => (isOfTable(part, table) && "columns" in part ? part.columns.map((column) => column.toLowerCase()) : [])),
  );
}

/** What says which rows of a replicated table are local; undefined: none are. */
export function localRowsOf(parts: readonly LocalPart[], table: string): LocalRows | undefined {
  return parts.find((part): part is LocalRows => isOfTable(part, table) && "keys" in part);
}

/** What is wrong with these parts together, by place: each is about something else. */
export function localPartProblems(parts: readonly LocalPart[]): readonly { readonly index: number; readonly message: string }[] {
  const whole = localTables(parts);
  const before = new Set<string>();
  return parts.flatMap((part, index) => {
    if (typeof part === "string") return [];
    const table = part.table.toLowerCase();
    const kind = "keys" in part ? "rows" : "columns";
    const said = `${kind} ${table}`;
    const problems: string[] = [];
    if (whole.has(table)) problems.push(`table ${part.table} is local as a whole: name either the table or parts of it`);
    if (before.has(said)) problems.push(`the local ${kind} of table ${part.table} are said twice: put them into one entry`);
    before.add(said);
    return problems.map((message) => ({ index, message }));
  });
}

function isOfTable(part: LocalPart, table: string): part is LocalColumns | LocalRows {
  return typeof part !== "string" && part.table.toLowerCase() === table.toLowerCase();
}
