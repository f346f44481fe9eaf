import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { FileSetReport } from "./files-messages.ts";
import type { Verification } from "./verify-tree.ts";

/** `verify` reads every file. Without a data set: of all of them. */
export interface FilesRequest {
  readonly kind: "status" | "verify";
  readonly dataSet?: string | undefined;
}

export interface FilesAnswerLine {
  readonly dataSet: string;
  /** Where the tree lies on this node. */
  readonly tree: string;
  readonly phase: DataSetStatus["phase"];
  /** Absent until the tree was looked at for the first time. */
  readonly report?: FileSetReport;
  readonly verification?: Verification;
}

export type FilesAnswer = readonly FilesAnswerLine[];
