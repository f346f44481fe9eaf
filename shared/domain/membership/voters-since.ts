import type { ClusterDocument } from "./cluster-document.ts";
import { type VoterId, votersOf } from "./quorum.ts";

/** What a node knows of the voters from the documents that it has seen: acted on or not, since one that waits at a node tells of its voters, too. */
export interface VotersSince {
  /** The newest document that was seen. */
  readonly version: number;
  /** The oldest from which on each was seen, and all had these voters (rule 6). */
  readonly since: number;
  readonly voters: readonly VoterId[];
}

/** With this document seen as well; `before`: null where nothing is known of any earlier one. What stood in a version that was skipped is not known. */
export function votersSinceSeen(before: VotersSince | null, document: ClusterDocument): VotersSince {
  const { version } = document;
  if (before !== null && version <= before.version) return before;
  const voters = votersOf(document);
  const goesOn = before !== null && version === before.version + 1 && areSame(before.voters, voters);
  return { version, since: goesOn ? before.since : version, voters };
}

/** From which version on a document, seen among these, has surely had its voters. */
export function votersSinceOf(seen: VotersSince, { version }: Pick<ClusterDocument, "version">): number {
  return seen.since <= version && version <= seen.version ? seen.since : version;
}

export function areSame(some: readonly VoterId[], others: readonly VoterId[]): boolean {
  const known = new Set(some);
  return known.size === others.length && others.every((voter) => known.has(voter));
}
