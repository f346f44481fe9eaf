/** What an operator asks of a data set's file: what joins have replaced in it, to have the newest of that back, or to take part again. Without a name, of the only one. */
export interface DataRequest {
  readonly kind: "backups" | "undo" | "rejoin";
  readonly dataSet?: string | undefined;
}

/** What a join has replaced. */
export interface JoinBackup {
  readonly file: string;
  readonly bytes: number;
  /** When it was replaced, ISO 8601. */
  readonly savedAt: string;
}

export interface DataAnswer {
  readonly dataSet: string;
  readonly path: string;
  /** Since when this node takes no part because its join was undone, ISO 8601; null while it does. */
  readonly undoneAt: string | null;
  /** The newest first. */
  readonly backups: readonly JoinBackup[];
}
