/** One-row transactions as a customer's application makes them, on the first of two servers, and what the second one shows. */
export interface Pair extends AsyncDisposable {
  /** Commits rows with the ids `from` to `from + count - 1`, `rowsPerTransaction` at a time, as fast as they go. Resolves with the milliseconds it took. */
  write(from: number, count: number, rowsPerTransaction: number): Promise<number>;
  /** Whether the second server shows the row. */
  shows(id: number): Promise<boolean>;
  /** The second server goes away, as for a restart. */
  away(): Promise<void>;
  /** It starts again. Resolves once it runs, which is not yet once it is level. */
  back(): Promise<void>;
}

/** How safe a commit is on the first server's own disk. */
export type Durability = "relaxed" | "full";

/** The table that both have. */
export const rowColumns = ["id", "ts", "tag", "val", "txt"] as const;

/** The values of a row: the same for all contenders. */
export function rowOf(id: number): [number, number, number, number, string] {
  return [id, 1_700_000_000_000 + id, id % 1_000, Math.sqrt(id), `row ${id} of a table that is written all the time`];
}
