import type { EventKind } from "./cluster-event.ts";

/**
 * Happenings without an end that subscribers are told of. Kinds that begin, end or explain something stand in `incidents/event-meaning.ts` instead, with
 * what they mean to each other; all others are for the timeline alone.
 */
export const alertingKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  "node.cloned",
  "service.failed",
  "address.failed",
  "address.conflict",
  "data.drift",
  "licence.expiring",
  "licence.grace",
  "licence.lapsed",
  "licence.nearly-used",
  "licence.overused",
  "licence.role-changed",
]);
