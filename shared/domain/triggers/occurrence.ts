/** One time that a trigger has occurred. */
export interface Occurrence {
  readonly trigger: string;
  /** What tells it from the trigger's other ones: of a schedule its time, else letters and digits. */
  readonly key: string;
  /** When it was to be done, in milliseconds since 1970, UTC. */
  readonly dueMs: number;
}

/** Names an occurrence within its cluster, whoever does it and however often: what receivers know a repeat by. */
export function occurrenceId({ trigger, key }: Pick<Occurrence, "trigger" | "key">): string {
  return `${trigger}/${key}`;
}
