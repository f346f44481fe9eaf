import type { ClusterId } from "../ids.ts";

/** While it is open, what happens is not told; whatever was not told goes out at its end. Times in milliseconds since 1970. */
export interface MaintenanceWindow {
  readonly windowId: string;
  /** Null: all clusters of the customer. */
  readonly clusterId: ClusterId | null;
  readonly startsMs: number;
  readonly endsMs: number;
  readonly reason: string;
  readonly createdBy: string;
}

/** Until when something that happened at `atMs` is held back; null where nothing holds it. Windows that touch are one. */
export function heldUntilMs(windows: readonly MaintenanceWindow[], clusterId: ClusterId, atMs: number): number | null {
  const own = windows
    .filter((window) => window.clusterId === null || window.clusterId === clusterId)
    .toSorted((one, other) => one.startsMs - other.startsMs);
  let until: number | null = null;
  for (const { startsMs, endsMs } of own) {
    const instant: number = until ?? atMs;
    if (startsMs <= instant && endsMs > instant) until = endsMs;
  }
  return until;
}
