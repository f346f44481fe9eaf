import type { NodeId } from "../ids.ts";
import type { DataSetStatus } from "../replication/replication-status.ts";
import { isAlive, type NodeStatus } from "./node-status.ts";

/**
 * - `expected`: synchronises with its ring successor.
 * - `bypass`: with another node, because the expected one does not answer.
 * - `none`: with nobody, though it should.
 * - `idle`: not ready yet, or not alive: nothing to judge.
 */
export type LinkCondition = "expected" | "bypass" | "none" | "idle";

/** What one node does with its successor, all its data sets together: the worst of them counts. */
export interface RingLink {
  readonly from: NodeId;
  /** The partner now; for `none` and `idle` the one that the ring expects. */
  readonly to: NodeId;
  readonly expected: NodeId;
  readonly condition: LinkCondition;
  /** Changes captured at `from` that nobody has acknowledged, and the age of the oldest in milliseconds. */
  readonly unacknowledged: number;
  readonly oldestAgeMs: number;
}

const rank: Readonly<Record<LinkCondition, number>> = { idle: 0, expected: 1, bypass: 2, none: 3 };

/** One link for each node, in ring order. A cluster of one, or without data sets, has none. */
export function ringStatus(nodes: readonly NodeStatus[], dataSetCount: number): readonly RingLink[] {
  if (nodes.length < 2 || dataSetCount === 0) return [];
  return nodes.map((node, index) => {
    const expected = nodes[(index + 1) % nodes.length]?.nodeId ?? node.nodeId;
    const sets = isAlive(node) ? (node.report?.dataSets ?? []) : [];
    const links = sets.map((set) => ({ condition: conditionOf(set), partner: set.syncingWith?.nodeId ?? expected }));
    const worst = links.toSorted((a, b) => rank[b.condition] - rank[a.condition])[0];
    return {
      from: node.nodeId,
      to: worst?.partner ?? expected,
      expected,
      condition: worst?.condition ?? "idle",
      unacknowledged: sets.reduce((sum, set) => sum + set.unacknowledged.changes, 0),
      oldestAgeMs: sets.reduce((oldest, set) => Math.max(oldest, set.unacknowledged.oldestAgeMs), 0),
    };
  });
}

function conditionOf(set: DataSetStatus): LinkCondition {
  if (set.syncingWith !== undefined) return set.syncingWith.expected ? "expected" : "bypass";
  return set.phase === "following" ? "none" : "idle";
}
