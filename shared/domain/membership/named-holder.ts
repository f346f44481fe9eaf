import type { NodeId } from "../ids.ts";

/** What a node sees of a group at one instant. `holder` null: nobody runs it, as far as is known there. */
export interface HolderSeen {
  readonly holder: NodeId | null;
  readonly hearsMajority: boolean;
}

/** `remembered`: who held the group last, as far as this node knows; `answered`: whom its names point at now. Null: nobody is known. */
export interface Naming {
  readonly remembered: NodeId | null;
  readonly answered: NodeId | null;
}

/**
 * Whom a group's names point at. Between two holders the last one stays, so that a name is never empty (F1). But a node that neither hears a majority nor the
 * holder says nothing: others may have a newer one, and who asks goes to another name server. So nodes that say anything say the same,
 * but for the moment in which a change reaches them (I-96).
 */
export function named(before: NodeId | null, { holder, hearsMajority }: HolderSeen): Naming {
  if (holder !== null) return { remembered: holder, answered: holder };
  return { remembered: before, answered: hearsMajority ? before : null };
}
