import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { majorityOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { shortName } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

const fates = ["dead", "cut off", "deaf", "mute"] as const;

/**
 * Where that is part of the run, a part of the cluster is not healed, and stays lost for good: the rest, which has a majority of the voters, must serve
 * all the same. Returns the lost ones.
 */
export function loseForGood(world: World, document: ClusterDocument): ReadonlySet<Host> {
  const random = new SeededRandom(world.options.seed, "core");
  const voters = votersOf(document);
  const sparedMin = majorityOf(voters.length);
  if (!world.options.on.has("lost-for-good") || voters.length <= sparedMin) return new Set();
  const lostVoters = new Set<NodeId>(random.shuffled(voters).slice(0, random.between(1, voters.length - sparedMin)));
  const lost = new Set(world.everyone.filter(({ id }) => lostVoters.has(id) || (!voters.includes(id) && random.chance(0.5))));
  for (const host of lost) {
    const fate = random.pick(fates);
    world.log(host, `is lost for good: ${fate}`);
    if (fate === "dead") host.losePower();
    for (const other of world.everyone) {
      if (other === host) continue;
      if (fate !== "deaf") world.network.loseWay(host.id, other.id);
      if (fate !== "mute") world.network.loseWay(other.id, host.id);
    }
    world.situations.saw(`lost for good: ${fate}`);
  }
  if (lost.size > 0)
    world.log(null, `what is left: ${world.everyone.flatMap((host) => (lost.has(host) ? [] : [shortName(host.id)])).join(" ")}`);
  return lost;
}
