import { type Amount, usageLevel } from "./capacity.ts";
import type { LicenceState } from "./licence-course.ts";

/** What follows from it for the cluster, in sentences for people: first what goes on. */
export function licenceConsequences(state: LicenceState, used: Amount, licensed: Amount): readonly string[] {
  const operations = "What runs goes on: services, failover, replication, events and alerts never depend on a licence.";
  switch (state) {
    case "none":
      return [operations, "No node can join until there is a licence or a trial. Everything can be configured."];
    case "lapsed":
      return [
        operations,
        "No node can join, and groups, data sets and the rule for being alone cannot be changed, until there is another licence.",
      ];
    case "grace":
      return [
        operations,
        "Nodes can join and everything can be configured, as before; a warning comes every day.",
        ...limitSentences(used, licensed),
      ];
    case "valid":
      return [operations, ...limitSentences(used, licensed)];
  }
}

function limitSentences(used: Amount, licensed: Amount): readonly string[] {
  const room = licensed.nodes - used.nodes;
  const nodes =
    room > 0 ? `${room === 1 ? "1 more node" : `${room} more nodes`} can join.` : "No further node can join until a licence is added.";
  const over =
    usageLevel(used, licensed) === "over" ? ["More is in use than licensed; nothing is refused for that but further nodes."] : [];
  return [nodes, ...over];
}
