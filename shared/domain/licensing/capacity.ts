import type { Entitlement } from "./licence.ts";
import { type LicenceTerm, termsInForce } from "./licence-term.ts";

/** Nodes, and users with devices: what licences allow, or what a cluster has. */
export interface Amount {
  readonly nodes: number;
  readonly users: number;
}

/** Licences add up. */
export function capacityOf(terms: readonly LicenceTerm[]): Amount {
  return terms.reduce((sum, { nodes, users }) => ({ nodes: sum.nodes + nodes, users: sum.users + users }), { nodes: 0, users: 0 });
}

/** What at least one of the licences grants. */
export function grantedBy(terms: readonly LicenceTerm[]): ReadonlySet<Entitlement> {
  return new Set(terms.flatMap(({ entitlements }) => entitlements));
}

/** How many nodes the cluster may have now. */
export function licensedNodes(terms: readonly LicenceTerm[], nowMs: number): number {
  return capacityOf(termsInForce(terms, nowMs)).nodes;
}

/** `near`: users and devices take nine tenths of what is licensed; `over`: there are more of them, or of the nodes, than licensed. */
export type UsageLevel = "within" | "near" | "over";

export function usageLevel(used: Amount, licensed: Amount): UsageLevel {
  if (used.nodes > licensed.nodes || used.users > licensed.users) return "over";
  return used.users > 0 && used.users * 10 >= licensed.users * 9 ? "near" : "within";
}
