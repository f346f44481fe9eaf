import type { NodeId } from "../../shared/domain/ids.ts";
import { reasonOf } from "../agent-error.ts";
import type { PeerComparison, TableDrift } from "./drift-request.ts";
import type { KeyRange } from "./key-range.ts";
import { CannotCompare, type OwnReplica } from "./own-replica.ts";
import { settleDrift, together } from "./settle-drift.ts";
import { type Ask, compareRange, walkTable } from "./table-walk.ts";
import type { Electorate } from "./weigh-rows.ts";

export interface ComparisonParts extends Electorate {
  /** Rows that are wrong here are put right. */
  readonly repairs: boolean;
  /** After each range of so many rows; resolves when the next may be read. Throws where it shall not go on. */
  readonly pace: (rows: number) => Promise<void>;
  /** A table has drift: what was found in it so far; undefined at its end where there is none. */
  readonly onTable: (table: string, drift: TableDrift | undefined, isWhole: boolean) => void;
}

/** One range of a table alone, where something was found to be wrong. */
export async function compareAgain(
  own: OwnReplica,
  peer: NodeId,
  { table, range }: { readonly table: string; readonly range: KeyRange },
  parts: ComparisonParts,
): Promise<void> {
  const { drifted } = await compareRange(own, table, range, askOf(peer, parts));
  const keys = drifted.map(({ key }) => key);
  const drift = keys.length === 0 ? undefined : await settleDrift(own, table, keys, parts);
  if (drift !== undefined) parts.onTable(table, drift, false);
}

/** One data set, all its tables, from their beginning to their end, with one other node. */
export async function compareDataSet(own: OwnReplica, peer: NodeId, parts: ComparisonParts): Promise<PeerComparison> {
  const { pace, onTable } = parts;
  const comparison = { dataSet: own.name, peer, tables: 0, rows: 0, unjudgedRows: 0 };
  try {
    const ask = askOf(peer, parts);
    for (const table of own.tableNames()) {
      let drift: TableDrift | undefined;
      for await (const { rows, drifted, isUnjudged } of walkTable(own, table, ask)) {
        comparison.rows += rows;
        if (isUnjudged) comparison.unjudgedRows += rows;
        const keys = drifted.map(({ key }) => key);
        const found = keys.length === 0 ? undefined : await settleDrift(own, table, keys, parts);
        if (found !== undefined) {
          drift = together(drift, found);
          onTable(table, drift, false);
        }
        await pace(rows);
      }
      onTable(table, drift, true);
      comparison.tables += 1;
    }
    return { ...comparison, problem: null };
  } catch (error) {
    if (!(error instanceof CannotCompare)) throw error;
    return { ...comparison, problem: reasonOf(error) };
  }
}

function askOf(peer: NodeId, { asks }: ComparisonParts): Ask {
  const ask = asks.get(peer);
  if (ask === undefined) throw new CannotCompare(`${peer} is no member any more`);
  return ask;
}
