import type { MonotonicUs } from "../time.ts";
import type { CleanStop, KeptGrant } from "./durable-record.ts";
import { isBinding } from "./lease.ts";
import type { NodeState } from "./node-state.ts";
import { entries } from "./turn.ts";

/**
 * What a clean stop leaves for the next start within the same boot (rule 4). Null where it proves nothing: before
 * `released-everything` the promises may still change, and within the silence of its own start the node did not know
 * those of its earlier runs.
 */
export function cleanStopOf(state: NodeState, nowUs: MonotonicUs): CleanStop | null {
  if (state.phase !== "stopped" || nowUs < state.quietUntilUs) return null;
  return { grants: bindingGrants(state, nowUs) };
}

export function bindingGrants(state: NodeState, nowUs: MonotonicUs): readonly KeptGrant[] {
  return entries(state.grants).flatMap(([group, grant]) => (isBinding(grant, nowUs) ? [{ group, ...grant, to: grant.to }] : []));
}
