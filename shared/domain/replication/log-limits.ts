import type { NodeId, OriginId } from "../ids.ts";
import type { VersionVector } from "./replication-status.ts";
import { covers, entriesOf, seqIn } from "./version-vector.ts";

/** How much of its log a node keeps for members that are away. What every member has goes in any case. */
export interface LogLimits {
  /** So many of the newest numbers of the log stay. */
  readonly changesMax: number;
  /** Entries that were written before this time ago go, however few they are. */
  readonly ageMsMax: number;
  /** Entries that were written within this time stay, however many they are: whoever is just joining lacks them, and not every node may know yet that it is a member. */
  readonly ageMsMin: number;
}

/** A log as it is now: the numbers of its first and its last entry, and when (wall clock, ms) the first entry from a number on was written; undefined beyond the last. */
export interface LogExtent {
  readonly first: number;
  readonly last: number;
  readonly writtenMsFrom: (n: number) => number | undefined;
}

/** The number up to which entries are beyond the limits; 0 where none is. */
export function beyondLimits({ changesMax, ageMsMax, ageMsMin }: LogLimits, log: LogExtent, nowMs: number): number {
  const writtenBefore = (atMs: number): number => lastWrittenBefore(log, atMs);
  const upTo = Math.min(Math.max(writtenBefore(nowMs - ageMsMax), log.last - changesMax), writtenBefore(nowMs - ageMsMin));
  return upTo < log.first ? 0 : upTo;
}

/** How much of a log's limits is used up, and of which of the two: at 100 % its oldest entries go, though somebody may lack them. */
export interface LogUse {
  readonly percent: number;
  readonly of: "changes" | "days";
}

export function useOf({ changesMax, ageMsMax }: LogLimits, log: LogExtent, nowMs: number): LogUse {
  const ageMs = nowMs - (log.writtenMsFrom(log.first) ?? nowMs);
  const [changes, days] = [(100 * (log.last - log.first + 1)) / changesMax, (100 * ageMs) / ageMsMax];
  return changes > days ? { percent: changes, of: "changes" } : { percent: days, of: "days" };
}

/** Entries stand in the order of their writing, but for clocks that differ: it is found in some twenty looks. */
function lastWrittenBefore({ first, last, writtenMsFrom }: LogExtent, atMs: number): number {
  let [old, young] = [first - 1, last + 1];
  while (young - old > 1) {
    const middle = Math.floor((old + young) / 2);
    if ((writtenMsFrom(middle) ?? Number.POSITIVE_INFINITY) < atMs) old = middle;
    else young = middle;
  }
  return old;
}

/**
 * What may leave this node's log although a member lacks it, once it is beyond the limits: what more than half of all members have for good, and of two members what the
 * first has. Any two such sets of nodes have one in common, also where a member more or less counts in one of them (but for a second and a third), and a member's word
 * counts only once all that it knew is here too. So of two nodes that have let something go one has what the other let go: whoever was away finds a node to copy from, and has
 * all in its own log that this one lacks. Nothing goes that only this node has, unless it is the first of two. `kept`: what of `has` no loss of power takes back.
 */
export function spareable(
  { self, order }: { readonly self: NodeId; readonly order: readonly NodeId[] },
  { has, kept }: { readonly has: VersionVector; readonly kept: VersionVector },
  known: Readonly<Record<NodeId, VersionVector>>,
): VersionVector {
  const words = order.flatMap((node) => {
    const vector = node === self ? kept : known[node];
    return vector !== undefined && covers(has, vector) ? [{ node, vector }] : [];
  });
  const result: Record<OriginId, number> = {};
  for (const [origin] of order.includes(self) ? entriesOf(kept) : []) {
    const levels = words.map(({ vector }) => seqIn(vector, origin)).toSorted((one, other) => other - one);
    const spare = levels.find((level) =>
      isQuorum(
        order,
        words.flatMap(({ node, vector }) => (seqIn(vector, origin) >= level ? [node] : [])),
      ),
    );
    if (spare !== undefined && spare > 0) result[origin] = Math.min(spare, seqIn(kept, origin));
  }
  return result;
}

function isQuorum(order: readonly NodeId[], nodes: readonly NodeId[]): boolean {
  const [first] = order;
  return 2 * nodes.length > order.length || (order.length === 2 && first !== undefined && nodes.includes(first));
}
