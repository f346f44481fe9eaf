import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../shared/config/limits.ts";
import { shownValue } from "../replication/conflict-record.ts";
import { decodeRow } from "../replication/row-codec.ts";
import { isLocked } from "../replication/sqlite-problem.ts";
import type { TableDrift } from "./drift-request.ts";
import { mendRows } from "./mend-rows.ts";
import type { OwnReplica } from "./own-replica.ts";
import { type Electorate, weighRows } from "./weigh-rows.ts";

/** An application that holds its lock for longer is let be: the next round comes again. */
const lockPatienceMs = 2_000;
const lookAgainMs = 50;
const keyCharactersMax = 100;

/** Weighs rows that were found to have drifted, the nodes being asked anew, and puts right what is wrong here where that is wanted. Undefined where all are alike by now. */
export async function settleDrift(
  own: OwnReplica,
  table: string,
  keys: readonly Uint8Array<ArrayBuffer>[],
  { repairs, ...electorate }: Electorate & { readonly repairs: boolean },
): Promise<TableDrift | undefined> {
  let drift: TableDrift | undefined;
  for (let at = 0; at < keys.length; at += limits.compareRowsMax) {
    const { mends, right, undecided, silent, others, vector } = await weighRows(
      own,
      table,
      keys.slice(at, at + limits.compareRowsMax),
      electorate,
    );
    const found = [...mends.map(({ key }) => key), ...right, ...undecided];
    if (found.length === 0) continue;
    const repaired = repairs && mends.length > 0 ? await whenFree(() => mendRows(own, table, mends, vector)) : 0;
    const inOrder = keys.filter((key) => found.some((one) => Buffer.from(one).equals(key)));
    drift = together(drift, {
      dataSet: own.name,
      table,
      from: shownKey(inOrder.at(0) ?? found[0]),
      to: shownKey(inOrder.at(-1) ?? found.at(-1)),
      rows: found.length,
      others,
      repaired,
      wrongHere: mends.length - repaired,
      rightHere: right.length,
      undecided: undecided.length,
      silent,
    });
  }
  return drift;
}

/** What was found in a table so far and what was found after that, as one. */
export function together(before: TableDrift | undefined, found: TableDrift): TableDrift {
  if (before === undefined) return found;
  return {
    ...found,
    from: before.from,
    rows: before.rows + found.rows,
    others: [...new Set([...before.others, ...found.others])],
    repaired: before.repaired + found.repaired,
    wrongHere: before.wrongHere + found.wrongHere,
    rightHere: before.rightHere + found.rightHere,
    undecided: before.undecided + found.undecided,
    silent: [...new Set([...before.silent, ...found.silent])],
  };
}

function shownKey(key: Uint8Array<ArrayBuffer> | undefined): string {
  const values = key === undefined ? [] : decodeRow(key).map(shownValue);
  const text = values.map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value))).join(", ");
  return text.length <= keyCharactersMax ? text : `${text.slice(0, keyCharactersMax)}...`;
}

/** 0 where the file stays locked. */
async function whenFree(work: () => number): Promise<number> {
  const untilMs = performance.now() + lockPatienceMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (performance.now() >= untilMs) return 0;
    }
    await sleep(lookAgainMs);
  }
}
