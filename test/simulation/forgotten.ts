import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/**
 * A voter was put back in time, and nobody in its reach has heard its later words and remembers them: then neither it nor anybody else there can know what it
 * has promised since (FAILOVER.md, Not covered yet). Its silence has outlasted its promises, so no two run the group; but numbers may go back.
 */
export function isForgotten(world: World, host: Host): boolean {
  const { state } = host;
  if (state === null || !world.putBack.has(host)) return false;
  return !world.everyone.some((other) => {
    const heard = other === host || other.process !== "running" ? undefined : other.state?.peers[host.id];
    if (heard === undefined || heard.heardAtUs === null || !world.network.canTalk(other.id, host.id)) return false;
    return heard.incarnation > state.incarnation || (heard.incarnation === state.incarnation && heard.sequence > state.sequence);
  });
}
