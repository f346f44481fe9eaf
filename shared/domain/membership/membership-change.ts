import type { NodeId } from "../ids.ts";

/** Who had a vote from this version of the cluster document on. Learners come and go without any of this: they count in no quorum. */
export interface Membership {
  readonly version: number;
  readonly voters: readonly NodeId[];
}

/** The newest version of the cluster document that each node has told the cloud it acts on; absent: none yet. */
export type Acknowledgements = ReadonlyMap<NodeId, number>;

/**
 * The memberships that some quorum may still act on. Once a majority of a membership's nodes acts on it, no quorum of an
 * earlier one can form any more: any such quorum would hold a node that refuses the older version (rule 6 of the lease).
 */
export function activeMemberships(memberships: readonly Membership[], acknowledged: Acknowledgements): readonly Membership[] {
  const newestSettled = memberships.findLastIndex((membership) => isSettled(membership, acknowledged));
  return memberships.slice(Math.max(newestSettled, 0));
}

/**
 * Whether the cluster may go on to `next`: it must differ by at most one node from every membership that a quorum may
 * still act on, so that any two majorities overlap. Going back to what was before an unsettled change is always possible.
 */
export function mayChangeTo(next: readonly NodeId[], active: readonly Membership[]): boolean {
  return active.every((membership) => differences(membership.voters, next) <= 1);
}

/** Voters that have not yet acknowledged the membership: whom the next change waits for. */
export function missingAcknowledgements(membership: Membership, acknowledged: Acknowledgements): readonly NodeId[] {
  return membership.voters.filter((node) => (acknowledged.get(node) ?? 0) < membership.version);
}

function isSettled(membership: Membership, acknowledged: Acknowledgements): boolean {
  const voters = membership.voters.length;
  return voters === 0 || (voters - missingAcknowledgements(membership, acknowledged).length) * 2 > voters;
}

function differences(one: readonly NodeId[], other: readonly NodeId[]): number {
  const inOne = new Set(one);
  const inOther = new Set(other);
  return one.filter((node) => !inOther.has(node)).length + other.filter((node) => !inOne.has(node)).length;
}
