import type { GroupName } from "../ids.ts";
import type { LeaseRelease } from "./messages.ts";
import type { NodeState } from "./node-state.ts";

/**
 * What this node's guardian says to the other voters once the agent is dead and the group's resources are down: the lease need not run
 * out then. The guardian knows nothing of leases, so it is given the words beforehand, anew with every renewal.
 *
 * They are true only when the agent can promise and renew nothing any more. They carry no number of their own: whoever gets them frees
 * the promise, and does not take the node for alive. A renewal that arrives after them finds its number used (voter.ts).
 */
export function testamentOf(state: NodeState, group: GroupName): LeaseRelease {
  const { nodeId: from, incarnation, document } = state;
  return {
    type: "lease-release",
    from,
    incarnation,
    sequence: 0,
    documentVersion: document.version,
    group,
    epoch: state.groups[group]?.ballot ?? 0,
    successor: null,
    planned: false,
    reason: "its agent ended, and its guardian took the resources down",
  };
}
