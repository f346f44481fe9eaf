import { type Amount, capacityOf, grantedBy } from "./capacity.ts";
import { begunTerms, type LicenceTerm, termsInForce } from "./licence-term.ts";

/** `licence-required`: there is none for this at all; `licence-limit`: there is, for fewer nodes. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly code: "licence-required" | "licence-limit"; readonly reason: string };

/** Whether one more node fits. The reason is for the person at the new server, who may never have seen the licence. */
export function admitNode(terms: readonly LicenceTerm[], { nodes }: Pick<Amount, "nodes">, cluster: string, nowMs: number): Admission {
  const inForce = termsInForce(terms, nowMs);
  if (inForce.length === 0) return { admitted: false, code: "licence-required", reason: whyNone(terms, cluster, nowMs) };
  if (nodes > 0 && !grantedBy(inForce).has("replication")) {
    const reason = `the licences of cluster ${cluster} do not include redundancy, which a second node needs; it already has ${nodes}`;
    return { admitted: false, code: "licence-required", reason };
  }
  const allowed = capacityOf(inForce).nodes;
  if (nodes < allowed) return { admitted: true };
  const lapsed = begunTerms(terms, nowMs).length > inForce.length ? " (a licence has lapsed)" : "";
  const has = nodes === 0 ? `cluster ${cluster} has none yet` : `cluster ${cluster} already has ${nodes}`;
  return {
    admitted: false,
    code: "licence-limit",
    reason: `licences allow ${allowed} ${allowed === 1 ? "node" : "nodes"}${lapsed}; ${has}`,
  };
}

function whyNone(terms: readonly LicenceTerm[], cluster: string, nowMs: number): string {
  if (terms.length === 0) return `cluster ${cluster} has no licence`;
  const begun = begunTerms(terms, nowMs);
  if (begun.length === 0) return `no licence of cluster ${cluster} has begun yet`;
  if (begun.every(({ isTrial }) => isTrial)) return `the trial of cluster ${cluster} is over`;
  return `the licences of cluster ${cluster} have lapsed`;
}
