import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { shortName } from "./cluster.ts";
import type { World } from "./world.ts";

/** An operator who finds one of two nodes down has the other go on alone; now and then one who is mistaken does. */
export function scheduleTakeovers(world: World): void {
  const { whenAlone, seed, faultEveryUs, healAtUs } = world.options;
  if (whenAlone === "stop") return;
  const random = new SeededRandom(seed, "takeovers");
  const isMistaken = random.chance(0.3);
  for (let atUs = random.exponential(faultEveryUs / 2); atUs < healAtUs; atUs += random.exponential(faultEveryUs / 2)) {
    world.queue.at(Math.round(atUs), () => {
      const [host, group] = [random.pick(world.hosts), random.pick(world.groupNames)];
      const others = world.hosts.filter((other) => other !== host);
      const isDown = others.every((other) => other.process === "down" && !other.resourcesOf(group).isUp);
      if (!isDown && !isMistaken) return;
      world.log(
        host,
        `an operator has it go on alone${isDown ? "" : `, mistaken about ${others.map(({ id }) => shortName(id)).join("")}`}`,
      );
      host.take({ type: "takeover", group, reason: "the other machine is down" });
    });
  }
}
