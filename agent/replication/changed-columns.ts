import { literal, quoted } from "./sqlite-database.ts";
import { ownPrefix, type TableForm } from "./table-form.ts";

/**
 * What a trigger on updates says of the columns that were changed, in plain SQL: a mask (written-columns.ts), and whether there is any. 1 and 1.0 are two values,
 * and so are texts that a collation takes for one. NULL, all of the row, where its key was changed; and where writes under another policy wait for each other:
 * then what stands need not be what the columns' latest writes come to.
 */
export function changedColumns({ table, columns }: TableForm, keyChanged: string): { readonly mask: string; readonly isAny: string } {
  const changed = columns.map((column) => {
    const [before, after] = [`OLD.${quoted(column)}`, `NEW.${quoted(column)}`];
    return `(${before} COLLATE BINARY IS NOT ${after} OR typeof(${before}) <> typeof(${after}))`;
  });
  const waiting = `EXISTS (SELECT 1 FROM ${ownPrefix}rival WHERE tbl = ${literal(table)} AND ${isOfAnotherPolicy})`;
  return {
    mask: `CASE WHEN ${keyChanged} OR ${waiting} THEN NULL ELSE ${balanced(changed, "||")} END`,
    isAny: balanced(changed, "OR"),
  };
}

/** Of a lost write that is kept aside. As it stands in an index, too, so that no update has to look through them. */
export const isOfAnotherPolicy = `policy IS NOT NULL AND policy <> '{"policy":"columns"}'`;

/** SQLite takes an expression of a thousand terms in a row for too deep. */
function balanced(terms: readonly string[], operator: string): string {
  const [first, second] = terms;
  if (first === undefined || second === undefined) return first ?? "0";
  const middle = Math.ceil(terms.length / 2);
  return `(${balanced(terms.slice(0, middle), operator)} ${operator} ${balanced(terms.slice(middle), operator)})`;
}
