import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import type { World } from "./world.ts";

/** The application writes, and its changes travel from node to node, where that is part of the run. */
export function scheduleReplication(world: World): void {
  if (!world.options.on.has("replication")) return;
  const random = new SeededRandom(world.options.seed, "replication");
  const everyUs = Math.round((world.options.timing.leaseMs * 1_000) / 3);
  const pass = (): void => {
    for (const host of world.hosts) {
      if (host.machine.isStill) continue;
      for (const [group, { state }] of host.resources) if (state === "up") host.data.write(group, random.between(0, 5));
      host.data.locked = !world.isHealed && random.chance(host.data.locked ? 0.8 : 0.1);
      host.data.look();
      const from = random.pick(world.hosts);
      if (from !== host && host.process === "running" && from.process === "running" && world.network.canTalk(host.id, from.id)) {
        host.data.follow(from.data.seen);
      }
      host.tellStatus();
    }
    world.queue.at(world.nowUs + everyUs, pass);
  };
  world.queue.at(everyUs, pass);
}
