import type { NodeId } from "../../shared/domain/ids.ts";

/** What an operator asks: to compare all rows of this node with every other node's now, and to repair what is wrong here. Without a name, of all data sets. */
export interface DriftRequest {
  readonly kind: "compare" | "repair";
  readonly dataSet?: string | undefined;
}

/** What came of the rows that have drifted apart, in one table. */
export interface TableDrift {
  readonly dataSet: string;
  readonly table: string;
  /** The first and the last key, in key order, for people. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Nodes that have something else in the place of these rows. */
  readonly others: readonly NodeId[];
  /** Rows that were wrong here, and were put right. What they were is in the conflict journal. */
  readonly repaired: number;
  /** Rows that are wrong here. */
  readonly wrongHere: number;
  /** Rows that are right here: the others put theirs right by themselves, or by the same command there. */
  readonly rightHere: number;
  /** Rows of which nothing can be decided: these members cannot be asked, or the rows are written all the time or too large. */
  readonly undecided: number;
  readonly silent: readonly NodeId[];
}

/** With one other node. */
export interface PeerComparison {
  readonly dataSet: string;
  readonly peer: NodeId;
  readonly tables: number;
  readonly rows: number;
  /** Rows in ranges that were written so much that nothing can be said of them. */
  readonly unjudgedRows: number;
  /** Why it was not compared, or not to the end; null where it was. */
  readonly problem: string | null;
}

export interface DriftAnswer {
  readonly compared: readonly PeerComparison[];
  readonly drifts: readonly TableDrift[];
}
