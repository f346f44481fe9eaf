import type { EventDetail, EventKind } from "./cluster-event.ts";

/** Kinds that reach subscribers by themselves. What a takeover brings along (silence, bypass, quorum) stays on the timeline: one cause, one alert. */
const alertingKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  "group.takeover",
  "group.safe-halt",
  "group.nobody-fit",
  "group.flapping",
  "node.cloned",
  "service.failed",
  "check.failed",
  "check.recovered",
  "address.failed",
  "address.conflict",
  "dns.update_failed",
  "dns.divergence",
  "dns.agreement",
  "dns.delegation_stale",
  "dns.delegation_current",
  "replication.refused",
  "data.drift",
  "path.silent",
  "path.heard",
  "licence.expiring",
  "licence.grace",
  "licence.lapsed",
  "licence.nearly-used",
  "licence.overused",
  "licence.role-changed",
]);

/** Whether subscribers are told. A group that nobody held before (a cluster's first start) took nothing over from anybody. */
export function isAlerting(detail: EventDetail): boolean {
  if (detail.kind === "group.takeover" && detail.from === null) return false;
  return alertingKinds.has(detail.kind);
}
