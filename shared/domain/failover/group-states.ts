/**
 * What a group can be on one node, and what is true while it is. States promise; what is done is done on the way from one
 * to the next (transition-table.ts).
 */
export const groupStates = {
  "just-started": "Grants nothing to anybody, this node included, for the longest lease that its earlier life may have promised.",
  standby: "Holds no lease, runs no resource, asks for nothing; grants to others.",
  waiting: "As standby; the group has no holder, and this node's turn to ask is near.",
  asking: "Runs no resource; has granted to itself and asked every other voter for the group.",
  starting: "Holds the lease of a majority, renewed; its resources are being started.",
  operational: "Holds the lease of a majority, renewed; its resources run here and nowhere else.",
  "handing-over": "Holds the lease, renewed; its resources are being stopped as planned.",
  draining: "Holds the lease, renewed; its resources are down, and the successor is receiving the last changes.",
  "stepping-down": "Renews nothing; its resources are being stopped, and are down before the lease ends.",
  isolated: "Runs nothing and asks for nothing: no majority is in reach, but the nodes out of reach may be one.",
  "safe-halt": "Runs nothing, because nobody may, for a reason that is told: no majority anywhere, or no node fit to run it.",
  left: "Runs nothing and never will: the node or the group is no longer in the cluster document, or the agent is ending.",
} as const;

export type GroupStateName = keyof typeof groupStates;

/** Where the node counts on its lease and renews it. */
export const holdingStates: ReadonlySet<string> = new Set<GroupStateName>(["starting", "operational", "handing-over", "draining"]);

/** Where a process of the group may be alive on this node. */
export const resourceStates: ReadonlySet<string> = new Set<GroupStateName>(["starting", "operational", "handing-over", "stepping-down"]);

/** Either: nobody else may have the group for all that this node knows. */
export const occupiedStates: ReadonlySet<string> = new Set([...holdingStates, ...resourceStates]);
