import type { OriginId } from "../ids.ts";
import type { ConflictPolicy } from "./conflict-policy.ts";
import type { HybridTime } from "./hybrid-clock.ts";
import type { VersionVector } from "./replication-status.ts";

/** Which of two writes of one row is the later one: by epoch, then by hybrid time, and by origin where the times are equal. */
export interface RowVersion {
  /** Of a data set with a single writer: the epoch of its group under which it was written. Absent: every node writes. */
  readonly epoch?: number | undefined;
  readonly hlc: HybridTime;
  readonly origin: OriginId;
}

/** The form of a table's rows at the time of the change. Columns in the order of the row's values. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
  /** Positions in `columns` of the primary key's columns, in key order. */
  readonly key: readonly number[];
  /** How the table settled conflicts where and when this was written; absent: the newest write stands. */
  readonly conflicts?: ConflictPolicy | undefined;
}

/** One row's new values, or its deletion (then all values but the key's are NULL). */
export interface Change<Row> extends RowVersion {
  /** Counts the origin's changes from 1, without gaps. */
  readonly seq: number;
  /** What the origin had applied when it made this change: a write outside of it was made without knowledge of the other. */
  readonly context: VersionVector;
  readonly shape: TableShape;
  readonly operation: "put" | "delete";
  readonly row: Row;
}
