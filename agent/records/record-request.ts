import type { NodeId } from "../../shared/domain/ids.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import type { CommitId } from "./record-commit.ts";

/** A record as it stands. `value` is JSON. */
export interface StoredRecord {
  readonly key: string;
  readonly value: string;
  readonly version: CommitId;
  /** By the writer's clock, ISO 8601. */
  readonly writtenAt: string;
  readonly expiresAt: string | null;
}

/** For whoever asked: with the value as it was given. */
export function shown({ value, ...record }: StoredRecord): Omit<StoredRecord, "value"> & { readonly value: unknown } {
  return { ...record, value: JSON.parse(value) as unknown };
}

/** What must be so for a write to be made: a record with this version, any record at all, or none. */
export type WriteCondition = { readonly is: "any" | "present" | "absent" } | { readonly is: "version"; readonly version: CommitId };

/** What is asked of the data sets of records, of the replication thread. Writes carry what allows this node to make them. */
export type RecordRequest = { readonly dataSet: string } & (
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "list"; readonly prefix: string; readonly after: string; readonly limit: number }
  | {
      readonly kind: "put";
      readonly key: string;
      readonly value: string;
      readonly ttlMs: number | null;
      readonly condition: WriteCondition;
      readonly tenure: Tenure;
    }
  | { readonly kind: "delete"; readonly key: string; readonly condition: WriteCondition; readonly tenure: Tenure }
  /** Deletes what has expired, a batch at most. */
  | { readonly kind: "expire"; readonly tenure: Tenure }
  /** Waits for changes after a position; without one it tells the position of now. */
  | { readonly kind: "changes"; readonly prefix: string; readonly after: string | null; readonly waitMs: number }
  | { readonly kind: "commit"; readonly commit: CommitId }
);

/** `position`: changes after it are not in the page. `more`: ask again with the last key as `after`. */
export interface RecordPage {
  readonly records: readonly StoredRecord[];
  readonly more: boolean;
  readonly position: string;
}

/** Which keys were written since, in order, with the records as they stand now; null: it is deleted, or has expired. */
export interface RecordChanges {
  readonly changes: readonly { readonly key: string; readonly record: StoredRecord | null }[];
  readonly position: string;
}

/** Which nodes have a commit on their disks, as far as they have said so. */
export interface CommitState {
  readonly commit: CommitId;
  readonly heldBy: readonly NodeId[];
  readonly lackedBy: readonly NodeId[];
}

export interface RecordAnswers {
  readonly get: StoredRecord | null;
  readonly list: RecordPage;
  readonly put: StoredRecord;
  /** The commit that deleted it. */
  readonly delete: { readonly commit: CommitId };
  readonly expire: { readonly deleted: number };
  readonly changes: RecordChanges;
  readonly commit: CommitState;
}

export type RefusalCode =
  | "unknown-data-set"
  | "unknown-commit"
  | "unknown-record"
  | "not-ready"
  | "not-the-writer"
  | "version-differs"
  | "position-gone"
  | "too-many-watchers"
  | "full";

/** Why a request was not carried out; nothing has changed. */
export interface RecordRefusal {
  readonly refused: RefusalCode;
  readonly reason: string;
}

export type RecordAnswer<Kind extends RecordRequest["kind"] = RecordRequest["kind"]> = RecordAnswers[Kind] | RecordRefusal;

export function isRefusal(answer: RecordAnswer): answer is RecordRefusal {
  return answer !== null && "refused" in answer;
}

/** Thrown on the way to a refusal. */
export class RecordRefused extends Error {
  readonly refused: RefusalCode;

  constructor(refused: RefusalCode, reason: string) {
    super(reason);
    this.refused = refused;
  }
}
