import type { ClusterId, EventId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";

export interface EventPage {
  /** Newest first, by the reporter's clock. */
  readonly events: readonly ClusterEvent[];
  /** Where the next page begins; absent on the last page. */
  readonly next?: string;
}

/** The timeline of each cluster. Rejects with `StoreUnavailableError` only. */
export interface EventStore {
  /** Keeps the event unless one with its id is there: then the first stays, and the result says `known`. */
  add(event: ClusterEvent): Promise<"stored" | "known">;
  find(clusterId: ClusterId, eventId: EventId): Promise<ClusterEvent | undefined>;
  /**
   * `from` is the `next` of an earlier page; one that no page gave is refused as `bad-position`. `beforeMs`: only what happened before,
   * milliseconds since 1970. Eventually consistent.
   */
  page(
    clusterId: ClusterId,
    options: { readonly limit: number; readonly from?: string; readonly beforeMs?: number },
  ): Promise<EventPage | "bad-position">;
}
