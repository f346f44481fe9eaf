import type { Entitlement, Licence, LicensedMember } from "./licence.ts";
import { entitlementNames } from "./licence.ts";

/** What counts of a licence, with nothing left out. Milliseconds since 1970. */
export interface LicenceTerm {
  readonly licenceId: string;
  readonly nodes: number;
  readonly users: number;
  readonly entitlements: readonly Entitlement[];
  readonly members: readonly LicensedMember[];
  readonly isTrial: boolean;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  readonly graceDays: number;
}

export function termOf(licence: Licence, { validFromMs, validUntilMs }: Pick<LicenceTerm, "validFromMs" | "validUntilMs">): LicenceTerm {
  const { licenceId, nodes, users = 0, entitlements = entitlementNames, members = [], graceDays } = licence;
  return { licenceId, nodes, users, entitlements, members, isTrial: licence.trial === true, validFromMs, validUntilMs, graceDays };
}

/**
 * `valid`; `grace`: it has run out, and all goes on as before, with a warning every day; `lapsed`: the grace has run out too, and it counts no
 * more. No standing ever stops an operational node's service.
 */
export type LicenceStanding = "not-yet-valid" | "valid" | "grace" | "lapsed";

export const msPerDay = 86_400_000;

export function standingOf(term: LicenceTerm, nowMs: number): LicenceStanding {
  if (nowMs < term.validFromMs) return "not-yet-valid";
  if (nowMs <= term.validUntilMs) return "valid";
  return nowMs <= graceEndMs(term) ? "grace" : "lapsed";
}

/** The last moment of its grace. */
export function graceEndMs({ validUntilMs, graceDays }: LicenceTerm): number {
  return validUntilMs + graceDays * msPerDay;
}

/**
 * The licences that have begun and that count at all: from the beginning of the first licence proper no trial does, for no node of the cluster, so
 * that there is never a cluster of which one half is tried and the other licensed.
 */
export function begunTerms(terms: readonly LicenceTerm[], nowMs: number): readonly LicenceTerm[] {
  const begun = terms.filter(({ validFromMs }) => nowMs >= validFromMs);
  const proper = begun.filter(({ isTrial }) => !isTrial);
  return proper.length > 0 ? proper : begun;
}

/** Those of them that are valid or in their grace: what the cluster may count on now. */
export function termsInForce(terms: readonly LicenceTerm[], nowMs: number): readonly LicenceTerm[] {
  return begunTerms(terms, nowMs).filter((term) => standingOf(term, nowMs) !== "lapsed");
}
