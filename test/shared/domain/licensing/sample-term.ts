import type { LicenceTerm } from "../../../../shared/domain/licensing/licence-term.ts";

export const day = 86_400_000;

/** Two nodes and 64 users from day 10 to the end of day 20, with five days of grace. */
export function sampleTerm(change: Partial<LicenceTerm> = {}): LicenceTerm {
  return {
    licenceId: "lic_a",
    nodes: 2,
    users: 64,
    entitlements: ["replication", "active_cluster_member", "provisioning_master"],
    members: [],
    isTrial: false,
    validFromMs: 10 * day,
    validUntilMs: 20 * day,
    graceDays: 5,
    ...change,
  };
}
