import type { NodeId } from "../ids.ts";
import type { RelayedClock } from "./clock-reading.ts";

/** How old what one node shows of another is, in milliseconds: by who shows it, and by whose writes those are. */
export type AgeMatrix = Readonly<Record<NodeId, Readonly<Record<NodeId, number>>>>;

/**
 * What the two sides of a stream tell each other every second, whatever else passes: by which each measures the other's clock, and by which everybody learns how old
 * what is shown where is. The edge adds its wall clock as it sends it. Times are the sender's monotonic ones, in milliseconds.
 */
export interface Pulse {
  readonly sentMs: number;
  /** The other side's last pulse on this stream: its `sentMs`, and for how long that has been here. Null before the first. */
  readonly echo: { readonly sentMs: number; readonly heldMs: number } | null;
  /** What the sender knows of third nodes' wall clocks. */
  readonly clocks: Readonly<Record<NodeId, RelayedClock>>;
  /** By data set. */
  readonly ages: Readonly<Record<string, AgeMatrix>>;
}
