import { setTimeout as sleep } from "node:timers/promises";
import type { Asked } from "./compare-asker.ts";
import type { Answer, JudgedRow } from "./judge.ts";
import type { KeyRange } from "./key-range.ts";
import { CannotCompare, type OwnRange, type OwnReplica } from "./own-replica.ts";

/** So often a range is shown anew that could not be judged at the moment, so long after the last time. */
const attemptsMax = 6;
const againAfterMs = 60;

/** Asks one other node. */
export type Ask = (question: Asked) => Promise<Answer>;

/** What came of one range of a table. */
export interface ComparedRange {
  readonly range: KeyRange;
  /** Of this node's. */
  readonly rows: number;
  readonly drifted: readonly JudgedRow[];
  /** Too much was written meanwhile for anything to be said. */
  readonly isUnjudged: boolean;
}

/** A table from its beginning to its end, range by range. Throws `CannotCompare` where the two cannot be held against each other. */
export async function* walkTable(own: OwnReplica, table: string, ask: Ask): AsyncGenerator<ComparedRange> {
  let after: Uint8Array<ArrayBuffer> | null = null;
  for (;;) {
    const compared: ComparedRange = await compareRange(own, table, { after, upTo: null }, ask);
    yield compared;
    const { upTo } = compared.range;
    // A key that does not come back as it was read (a torn character of a database that keeps UTF-16) may lead to itself again.
    if (upTo === null || (after !== null && Buffer.from(upTo).equals(after))) return;
    after = upTo;
  }
}

/** The first part of a range that one question can be about: as a whole, and where it differs, row by row. */
export async function compareRange(own: OwnReplica, table: string, asked: KeyRange, ask: Ask): Promise<ComparedRange> {
  let shown: OwnRange = own.show(table, asked);
  for (let attempt = 0; attempt < attemptsMax; ) {
    const answer = shown.isSettled ? await judged(own, table, shown, ask) : undefined;
    if (answer !== undefined && answer.answer.outcome === "narrow") {
      shown = own.show(table, { after: asked.after, upTo: answer.answer.upTo });
      continue;
    }
    if (answer !== undefined) shown = answer.shown;
    const base = { range: shown.range, rows: shown.rows.length, isUnjudged: false };
    if (answer?.answer.outcome === "equal") return { ...base, drifted: [] };
    if (answer?.answer.outcome === "judged") return { ...base, drifted: answer.answer.rows };
    attempt += 1;
    await sleep(againAfterMs);
    shown = own.show(table, shown.range);
  }
  return { range: shown.range, rows: shown.rows.length, drifted: [], isUnjudged: true };
}

/** Undefined where it cannot be said now. */
async function judged(
  own: OwnReplica,
  table: string,
  first: OwnRange,
  ask: Ask,
): Promise<{ readonly shown: OwnRange; readonly answer: Exclude<Answer, { outcome: "differs" | "later" | "cannot" }> } | undefined> {
  const whole = await ask(first.asRange);
  if (whole.outcome === "cannot") throw new CannotCompare(whole.reason);
  if (whole.outcome === "later") return undefined;
  if (whole.outcome !== "differs") return { shown: first, answer: whole };
  const shown = own.show(table, first.range);
  if (!shown.isSettled) return undefined;
  const byRow = await ask(shown.asRows);
  if (byRow.outcome === "cannot") throw new CannotCompare(byRow.reason);
  return byRow.outcome === "later" || byRow.outcome === "differs" ? undefined : { shown, answer: byRow };
}
