import type { ClusterStatus } from "../../../shared/domain/monitoring/cluster-status.ts";
import { isAlive } from "../../../shared/domain/monitoring/node-status.ts";
import { groupsHeldBy, standingWord } from "../pages/node-words.ts";

/** What the picture shows, for somebody who hears the page. */
export function ringInWords(status: ClusterStatus): string {
  const nameOf = (nodeId: string) => status.nodes.find((node) => node.nodeId === nodeId)?.name ?? nodeId;
  const nodes = status.nodes.map((node) => {
    const held = groupsHeldBy(node.nodeId, status.groups);
    const last = isAlive(node) ? "" : ", last known as operational";
    return `${node.name} is ${standingWord(node, status.groups)}${held.length === 0 ? "" : `${last} for ${held.join(", ")}`}.`;
  });
  const links = status.ring.map((link) => {
    switch (link.condition) {
      case "expected":
        return `${nameOf(link.from)} synchronises with ${nameOf(link.to)}.`;
      case "bypass":
        return `${nameOf(link.from)} synchronises with ${nameOf(link.to)} in place of ${nameOf(link.expected)}.`;
      case "none":
        return `${nameOf(link.from)} synchronises with nobody.`;
      case "idle":
        return `${nameOf(link.from)} does not synchronise at the moment.`;
    }
  });
  return [...nodes, ...links].join(" ");
}
