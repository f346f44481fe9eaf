import type { OriginId } from "../../shared/domain/ids.ts";
import type { SqlValue } from "./row-codec.ts";

/** A value of a row for people and JSON: what JSON cannot hold exactly says what it is. */
export type ShownValue = null | number | string | { readonly integer: string } | { readonly base64: string };

/** By column; where the row's form is not known, by `column N`. */
export type ShownRow = Readonly<Record<string, ShownValue>>;

/** One of the two writes that met. */
export interface ConflictingWrite {
  /** Null: the row has been there since the data set's start. */
  readonly origin: OriginId | null;
  /** Of a data set with a single writer: the epoch of its group under which it was written. */
  readonly epoch?: number;
  /** By the writer's clock, ISO 8601. */
  readonly writtenAt: string | null;
  /** Null: it deleted the row. */
  readonly row: ShownRow | null;
}

/** One line of a data set's conflicts journal. Numbers count up and are this node's own. */
export interface ConflictLine {
  readonly dataSet: string;
  readonly id: number;
  /** When this node brought the two together, ISO 8601. */
  readonly at: string;
  /** `same-row`: two nodes wrote one row apart; `unique-value`: two rows claimed one unique value; `drift`: the row was not what its writes had made it, and was mended. */
  readonly reason: "same-row" | "unique-value" | "drift";
  readonly table: string;
  readonly key: readonly ShownValue[];
  readonly winnerOrigin: OriginId | null;
  readonly loserOrigin: OriginId | null;
  /** By the table's policy somebody is to decide; until then, or until the row is written again by somebody who has both, it waits. */
  readonly isOpen: boolean;
  /** When an open one was settled, ISO 8601: the row that stood was kept, the loser taken, or the row written again. */
  readonly settledAt: string | null;
  readonly settledBy: "kept" | "taken" | "overwritten" | null;
  /** When an operator has written the loser again, ISO 8601. */
  readonly reappliedAt: string | null;
  /** Under which new key, where it was not under its own. */
  readonly reappliedAs: ShownValue;
}

/** A conflict with what lost, what won, and what stands now. */
export interface ConflictDetail extends ConflictLine {
  /** Null where the journal does not have it: a unique value's. */
  readonly winner: ConflictingWrite | null;
  readonly loser: ConflictingWrite;
  /** Null: there is no such row now. */
  readonly now: ShownRow | null;
}

/** The most lines of one answer. */
export const conflictLinesMax = 500;

/** What may be asked of the journals. Without `dataSet`: of all, or of the only one. */
export type ConflictRequest =
  | {
      readonly kind: "list";
      readonly dataSet?: string | undefined;
      readonly before?: number | undefined;
      readonly limit: number;
      /** Only those that somebody is to decide about. */
      readonly open?: boolean | undefined;
    }
  | { readonly kind: "show"; readonly dataSet?: string | undefined; readonly id: number }
  /** `newKey`: as a row of its own, with a key that the table generates. */
  | { readonly kind: "reapply"; readonly dataSet?: string | undefined; readonly id: number; readonly newKey?: boolean | undefined }
  | { readonly kind: "resolve"; readonly dataSet?: string | undefined; readonly id: number; readonly decision: "keep" | "take" };

/** Lines for `list`, else the one conflict. */
export type ConflictAnswer = readonly ConflictLine[] | ConflictDetail;

export function shownValue(value: SqlValue): ShownValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : { integer: String(value) };
  }
  // JSON has no infinities.
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value;
}

export function shownRow(columns: readonly string[] | undefined, values: readonly SqlValue[]): ShownRow {
  return Object.fromEntries(values.map((value, position) => [columns?.[position] ?? `column ${position + 1}`, shownValue(value)]));
}
