import type { NodeId } from "../ids.ts";
import { replicatedIn } from "../replication/data-set-rules.ts";
import type { DataSetStatus, VersionVector } from "../replication/replication-status.ts";
import type { NodeState } from "./node-state.ts";
import { entries } from "./turn.ts";

/** Why this node's data forbid it to take a group; null where they are ready. */
export function dataProblem(state: NodeState): string | null {
  for (const { name } of replicatedIn(state.document)) {
    const mine = state.status?.dataSets.find((dataSet) => dataSet.name === name);
    if (mine === undefined) return `data set ${name} is not there yet`;
    if (mine.phase !== "following") return `data set ${name} is not ready (${mine.phase})`;
    for (const [node, peer] of entries(state.peers)) {
      if (peer.silent) continue;
      const ahead = following(peer.status?.dataSets, name);
      const missing = ahead === undefined ? 0 : changesMissing(ahead.vector, mine.vector);
      if (missing > state.settings.changesBehindMax) return `data set ${name} is ${missing} changes behind ${node}`;
    }
  }
  return null;
}

/** Changes of all data sets that `node` has announced and this node has not applied. */
export function changesBehind(state: NodeState, node: NodeId): number {
  const theirs = state.peers[node]?.status?.dataSets ?? [];
  return replicatedIn(state.document).reduce((sum, { name }) => {
    const ahead = following(theirs, name);
    const mine = state.status?.dataSets.find((dataSet) => dataSet.name === name);
    return ahead === undefined ? sum : sum + changesMissing(ahead.vector, mine?.vector ?? {});
  }, 0);
}

/** Why nobody can say what was written to this node's own data; null where all of it is followed. */
export function unfollowedHere(state: NodeState): string | null {
  for (const { name } of replicatedIn(state.document)) {
    if (following(state.status?.dataSets, name) !== undefined) continue;
    const phase = state.status?.dataSets.find((dataSet) => dataSet.name === name)?.phase ?? "not known";
    return `data set ${name} is not followed on this node (${phase}), so what was written to it cannot be sent`;
  }
  return null;
}

/**
 * Changes that this node was `seen` to have and `node` has not announced to have. What other groups' resources write here
 * meanwhile is not among them: they never rest.
 */
export function changesUnsent(state: NodeState, seen: readonly DataSetStatus[], node: NodeId): number {
  const theirs = state.peers[node]?.status?.dataSets ?? [];
  return replicatedIn(state.document).reduce((sum, { name }) => {
    const mine = following(seen, name);
    const other = theirs.find((dataSet) => dataSet.name === name);
    return mine === undefined ? sum : sum + changesMissing(mine.vector, other?.vector ?? {});
  }, 0);
}

function following(dataSets: readonly DataSetStatus[] | undefined, name: string): DataSetStatus | undefined {
  return dataSets?.find((dataSet) => dataSet.name === name && dataSet.phase === "following");
}

function changesMissing(ahead: VersionVector, behind: VersionVector): number {
  return entries(ahead).reduce((sum, [origin, sequence]) => sum + Math.max(0, sequence - (behind[origin] ?? 0)), 0);
}
