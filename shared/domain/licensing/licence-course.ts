import { type Amount, capacityOf, grantedBy } from "./capacity.ts";
import { begunTerms, graceEndMs, type LicenceTerm, standingOf, termsInForce } from "./licence-term.ts";

/**
 * How a cluster stands with its licences. `none`: it has never had one. `valid`: what it uses is covered by valid ones. `grace`: some of that is
 * covered only by what has run out, and all goes on. `lapsed`: it had licences, and none counts any more; nothing may be added or configured, and what runs goes on.
 */
export type LicenceState = "none" | "valid" | "grace" | "lapsed";

export function licenceStateAt(terms: readonly LicenceTerm[], used: Amount, atMs: number): LicenceState {
  const inForce = termsInForce(terms, atMs);
  if (inForce.length === 0) return begunTerms(terms, atMs).length === 0 ? "none" : "lapsed";
  const valid = inForce.filter((term) => standingOf(term, atMs) === "valid");
  const [all, alone] = [capacityOf(inForce), capacityOf(valid)];
  // What is over the capacity of all of them is no matter of time: usageLevel tells it.
  const isCovered = alone.nodes >= Math.min(Math.max(used.nodes, 1), all.nodes) && alone.users >= Math.min(used.users, all.users);
  const granted = grantedBy(valid);
  return isCovered && [...grantedBy(inForce)].every((entitlement) => granted.has(entitlement)) ? "valid" : "grace";
}

export interface LicenceCourse {
  readonly state: LicenceState;
  /** When that began; null for a state that has no beginning (`none`). Milliseconds since 1970, like all here. */
  readonly sinceMs: number | null;
  /** What it becomes if nothing is done, and when; null where it stays for ever. */
  readonly next: { readonly state: LicenceState; readonly atMs: number } | null;
  /** Only a trial is in force, or was when all lapsed. */
  readonly isTrial: boolean;
}

/** How the cluster stands now, since when and until when. */
export function licenceCourse(terms: readonly LicenceTerm[], used: Amount, nowMs: number): LicenceCourse {
  const state = licenceStateAt(terms, used, nowMs);
  const turns = turningPoints(terms);
  const other = (atMs: number): boolean => licenceStateAt(terms, used, atMs) !== state;
  const past = turns.filter((atMs) => atMs <= nowMs);
  const lastOther = past.findLastIndex(other);
  const nextMs = turns.find((atMs) => atMs > nowMs && other(atMs));
  const begun = begunTerms(terms, nowMs);
  return {
    state,
    sinceMs: past[lastOther + 1] ?? null,
    next: nextMs === undefined ? null : { state: licenceStateAt(terms, used, nextMs), atMs: nextMs },
    isTrial: begun.length > 0 && begun.every(({ isTrial }) => isTrial),
  };
}

/** The instants at which some licence changes its standing, in order: in between nothing can change. */
function turningPoints(terms: readonly LicenceTerm[]): readonly number[] {
  const instants = terms.flatMap((term) => [term.validFromMs, term.validUntilMs + 1, graceEndMs(term) + 1]);
  return [...new Set(instants)].toSorted((one, other) => one - other);
}
