import type { ClusterId, GroupName } from "../../../shared/domain/ids.ts";
import { occurrenceId } from "../../../shared/domain/triggers/occurrence.ts";
import type { Attempt } from "../../../shared/domain/triggers/sent-log.ts";

/** What receivers are told of an occurrence. `occurrence`: the same however often it comes. */
export interface Told {
  readonly cluster: ClusterId;
  readonly trigger: string;
  readonly occurrence: string;
  /** ISO 8601 UTC. */
  readonly dueAt: string;
  readonly group: GroupName;
  /** Grows with every change of holder: whoever has heard of a higher one may refuse a lower. */
  readonly epoch: number;
  readonly node: string;
  /** What came with the request or the event. */
  readonly payload: unknown;
}

export function toldOf(cluster: ClusterId, attempt: Attempt): Told {
  const { trigger, dueMs, group, epoch, node, payload } = attempt;
  return {
    cluster,
    trigger,
    occurrence: occurrenceId(attempt),
    dueAt: new Date(dueMs).toISOString(),
    group,
    epoch,
    node: node.name,
    payload: payload === null ? null : (JSON.parse(payload) as unknown),
  };
}
