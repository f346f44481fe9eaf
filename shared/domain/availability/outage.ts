import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterEvent } from "../monitoring/cluster-event.ts";

/** A time in which nobody served a group, as the events tell it. Milliseconds since 1970 UTC, by the clocks of those who told. */
export interface Outage {
  readonly group: GroupName;
  readonly fromMs: number;
  /** Null: it goes on. */
  readonly toMs: number | null;
  /** A switchover that was asked for, a failback, or one out of maintenance. */
  readonly isPlanned: boolean;
  /**
   * - `measured`: by the new holder's own questions to the group's addresses.
   * - `at-most`: from the old holder's last sign of life; it may have served for longer.
   * - `at-least`: from the first sign that it had ended; it may have ended earlier.
   */
  readonly length: "measured" | "at-most" | "at-least";
  /** Who served before, where that is known. */
  readonly before: NodeId | null;
  /** Who served after; null while it goes on. */
  readonly after: NodeId | null;
  /** What tells of it, in the order of their times; the first is its cause as far as it is known. */
  readonly events: readonly ClusterEvent[];
}
