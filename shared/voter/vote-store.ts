import type { DurableRecord } from "../domain/failover/durable-record.ts";

/** Where a voter keeps what it must know again after any end of its process. One voter's alone, and of one process at a time. */
export interface VoteStore {
  /**
   * The record for this start: as it was kept, with the next incarnation, which is durable when this resolves. Rejects where it cannot be read or
   * kept, and where what lies there is damaged: a voter that has forgotten its promises must not vote.
   */
  advance(): Promise<DurableRecord>;
  /** Durable when it resolves, in place of the one before; rejects with the cause, and then the one before is still there, whole. */
  write(record: DurableRecord): Promise<void>;
}

export const firstRecord: DurableRecord = { incarnation: 0, epochCeilings: {}, longPromises: {}, soles: {} };

export function nextIncarnation(last: DurableRecord): DurableRecord {
  return { ...last, incarnation: last.incarnation + 1 };
}
