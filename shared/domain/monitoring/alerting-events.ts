import type { EventKind } from "./cluster-event.ts";

/** Kinds that reach subscribers by themselves. What a takeover brings along (silence, bypass, quorum) stays on the timeline: one cause, one alert. */
export const alertingKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  "group.takeover",
  "group.safe-halt",
  "service.failed",
  "replication.refused",
]);
