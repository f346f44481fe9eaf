/** What counts of a licence when nodes are counted. Milliseconds since 1970. */
export interface LicenceTerm {
  readonly nodes: number;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly graceDays: number;
}

/**
 * `valid`: nodes may be added under it. `grace`: it has run out; nothing new, but what runs goes on, with warnings.
 * `lapsed`: the grace has run out too. No standing ever stops an operational node's service.
 */
export type LicenceStanding = "not-yet-valid" | "valid" | "grace" | "lapsed";

const msPerDay = 86_400_000;

export function standingOf(term: LicenceTerm, nowMs: number): LicenceStanding {
  if (nowMs < term.validFromMs) return "not-yet-valid";
  if (nowMs <= term.validUntilMs) return "valid";
  return nowMs <= term.validUntilMs + term.graceDays * msPerDay ? "grace" : "lapsed";
}

/** How many nodes may be enrolled now: the licences that are valid add up. */
export function licensedNodes(terms: readonly LicenceTerm[], nowMs: number): number {
  return terms.filter((term) => standingOf(term, nowMs) === "valid").reduce((sum, term) => sum + term.nodes, 0);
}

/** How many nodes are covered now, those of licences in their grace included. */
export function coveredNodes(terms: readonly LicenceTerm[], nowMs: number): number {
  return terms.filter((term) => ["valid", "grace"].includes(standingOf(term, nowMs))).reduce((sum, term) => sum + term.nodes, 0);
}

export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly reason: string };

/** Whether one more node fits. The reason is for the person at the new server, who may never have seen the licence. */
export function admitNode(terms: readonly LicenceTerm[], nodesNow: number, clusterName: string, nowMs: number): Admission {
  const allowed = licensedNodes(terms, nowMs);
  if (nodesNow < allowed) return { admitted: true };
  const has = nodesNow === 0 ? `cluster ${clusterName} has none yet` : `cluster ${clusterName} already has ${nodesNow}`;
  if (terms.length === 0) return { admitted: false, reason: `cluster ${clusterName} has no licence` };
  const expired = terms.some((term) => ["grace", "lapsed"].includes(standingOf(term, nowMs)));
  const why = expired ? " (a licence has run out)" : "";
  return { admitted: false, reason: `licences allow ${allowed} ${allowed === 1 ? "node" : "nodes"}${why}; ${has}` };
}
