import type { NodeId } from "../ids.ts";
import { membersOf } from "../membership/members.ts";
import { nodeStatus, witnessStatus } from "./node-status.ts";
import { type Observation, presenceOf } from "./observation.ts";

/**
 * - `site`: none of the cluster's nodes has contact with the cloud.
 * - `node`: neither the cloud nor a node that it hears hears this one.
 * - `wait`: too early to say, or its peers hear it, so that only its way to the cloud is broken.
 * - `gone`: it is no member any more.
 */
export type SilenceVerdict = "site" | "node" | "wait" | "gone";

/** What a node's missing connection means, for one that has been without for long enough. `msOf` reads an instant of the observation. */
export function judgeSilence(
  observation: Observation,
  nodeId: NodeId,
  { nowMs, graceMs, msOf }: { readonly nowMs: number; readonly graceMs: number; readonly msOf: (instant: string) => number },
): SilenceVerdict {
  const { document } = observation;
  if (!membersOf(document).some((member) => member.nodeId === nodeId)) return "gone";
  const presences = document.nodes.flatMap((node) => presenceOf(observation, node.nodeId) ?? []);
  if (document.nodes.length > 1 && presences.length > 0 && presences.every(({ connected }) => !connected)) {
    return presences.every(({ since }) => msOf(since) + graceMs <= nowMs) ? "site" : "wait";
  }
  const node = document.nodes.find((one) => one.nodeId === nodeId);
  const status = node === undefined ? witnessStatus(observation) : nodeStatus(observation, node);
  return status?.condition === "down" ? "node" : "wait";
}
