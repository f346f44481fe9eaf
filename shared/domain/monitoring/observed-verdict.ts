import type { CheckState } from "./check-verdict.ts";

/** What one node sees of a service of another, or of its own (I-111). It informs people, and decides about no lease. */
export type ObservedVerdict = "ok" | "degraded" | "ko" | "maintenance" | "unknown";

const ofState: Readonly<Record<CheckState, ObservedVerdict>> = { ok: "ok", degraded: "degraded", failed: "ko", unknown: "unknown" };

/** Where somebody works on a node, what its services answer is nobody's alarm. */
export function observedVerdict(state: CheckState, isInMaintenance: boolean): ObservedVerdict {
  return isInMaintenance ? "maintenance" : ofState[state];
}
