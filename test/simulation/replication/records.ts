import type { NodeId, OriginId } from "../../../shared/domain/ids.ts";
import type { IncomingVersion } from "../../../shared/domain/replication/merge-rule.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";

/** `plain` has a key alone, `named` a unique name beside it; `private` is declared local. */
export type TableName = "plain" | "named" | "private";
export const replicatedTables: readonly TableName[] = ["plain", "named"];

export interface Row {
  readonly table: TableName;
  readonly key: string;
  readonly name: string | null;
  /** Different in every write that changes it, so that it tells which one stands. */
  readonly value: number;
  /** Another column that is written apart from it. */
  readonly note: number;
}

/** What a row has beside its key. */
export type Column = "name" | "value" | "note";
export const columns: readonly Column[] = ["name", "value", "note"];

export function isSameRow(one: Row | undefined, other: Row | undefined): boolean {
  return one?.table === other?.table && one?.key === other?.key && columns.every((column) => one?.[column] === other?.[column]);
}

/** A change as it stands in a log and travels. */
export interface SimulatedChange extends IncomingVersion {
  readonly operation: "put" | "delete";
  readonly row: Row;
  /** Which columns it changed, where its table settles conflicts by them; absent: all. */
  readonly written?: readonly Column[] | undefined;
}

/** The one row of the agent's own that the triggers count in. */
export interface Control {
  readonly n: number;
  readonly origin: OriginId;
  readonly seq: number;
  readonly hlc: number;
  readonly context: VersionVector;
  /** Log entries up to here are reflected in the rows' newest writes. */
  readonly absorbed: number;
  /** The latest time among them. */
  readonly absorbedTime: number;
  readonly owner: NodeId;
  /** Own numbers up to here are on the disk for good. */
  readonly sealed: number;
  /** The start of the machine in which the file was opened last. */
  readonly boot: string;
  readonly pruned: VersionVector;
  /** Of that what every member had. */
  readonly settled: VersionVector;
}

/** A line of the conflicts journal. */
export interface JournalLine {
  readonly reason: "same-row" | "unique-value" | "drift";
  readonly table: TableName;
  readonly key: string;
  readonly loser: { readonly hlc: number; readonly origin: OriginId };
  /** Of a row that had drifted: what stood there; null: nothing did. */
  readonly row?: Row | null;
}

export function writeId({ origin, seq }: { readonly origin: OriginId; readonly seq: number }): string {
  return `${origin}#${seq}`;
}
