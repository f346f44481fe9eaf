import { whenAloneOf } from "../membership/when-alone.ts";
import { resourceStates } from "./group-states.ts";
import { boundTo } from "./sole-note.ts";
import { runOf, type Scene, stateOf } from "./transition.ts";
import { entries } from "./turn.ts";

/**
 * Somebody else has run it since, in words for people. That can only be where this node could not know: the other one of two went on alone, or was told that
 * it may, when this one could not be heard (S3), or this one's whole machine stood still (S2).
 */
export function laterTenure(scene: Scene): string | null {
  const { peers, document, nodeId } = stateOf(scene);
  const sole = whenAloneOf(document) === "stop" ? null : boundTo(stateOf(scene), scene.name);
  if (sole !== null) return `${sole} has taken over meanwhile`;
  const { epoch } = runOf(scene);
  for (const [node, peer] of entries(peers)) {
    const told = peer.groups[scene.name];
    if (peer.silent || told === undefined) continue;
    const isRunning = resourceStates.has(told.state);
    if (isRunning && (told.epoch > epoch || (told.epoch === epoch && node > nodeId))) return `${node} has taken over meanwhile`;
    if (told.epoch > epoch) return `another node has run it since, under epoch ${told.epoch}`;
  }
  return null;
}
