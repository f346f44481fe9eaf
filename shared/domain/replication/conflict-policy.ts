import type { NodeId } from "../ids.ts";

/**
 * How a table settles two writes of one row that were made without knowledge of each other. `newest`: the later one stands, by the hybrid clock. `priority`:
 * that of the node which comes first in `order` stands, whatever the clocks say; nodes that are not listed come last. `manual`: the earlier one stays
 * where it is, and the other waits until a person decides. `columns`: both stand, as far as they changed different columns; of a column that both changed the
 * later write stands.
 */
export type ConflictPolicy =
  | { readonly policy: "newest" }
  | { readonly policy: "priority"; readonly order: readonly NodeId[] }
  | { readonly policy: "manual" }
  | { readonly policy: "columns" };

/** What a data set declares for one of its tables. */
export type TableConflicts = ConflictPolicy & { readonly table: string };

/** What is declared for a table; undefined where that is what holds without a declaration, `newest`. SQLite's names of tables know no case. */
export function policyOf(declared: readonly TableConflicts[] | undefined, table: string): ConflictPolicy | undefined {
  const found = declared?.find((one) => one.table.toLowerCase() === table.toLowerCase());
  if (found === undefined || found.policy === "newest") return undefined;
  return found.policy === "priority" ? { policy: "priority", order: found.order } : { policy: found.policy };
}

/** Which writes are settled column by column: they say which columns they changed. */
export function isByColumn(policy: ConflictPolicy | undefined): boolean {
  return policy?.policy === "columns";
}
