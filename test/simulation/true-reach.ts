import { mayGoOnAlone } from "../../shared/domain/failover/sole-note.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { isVoter, majorityOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** Whether this node runs and may vote, and a majority of its document's voters could grant it a lease now. */
export function hasTrueMajority(world: World, host: Host, group: GroupName): boolean {
  const isQuiet = host.state === null || host.localUs < host.state.quietUntilUs;
  if (host.process !== "running" || isQuiet || !isVoter(host.document, host.id)) return false;
  if (host.state !== null && mayGoOnAlone(host.state, group)) return true;
  return votersInReach(world, host) >= majorityOf(votersOf(host.document).length);
}

function votersInReach(world: World, host: Host): number {
  return votersOf(host.document).filter((id) => {
    const voter = world.host(id);
    return voter !== undefined && canGrant(voter, host) && world.network.canTalk(host.id, id);
  }).length;
}

/** Runs, keeps silent no longer, knows the asker, and has not taken in other voters than the asker acts on. */
function canGrant(voter: Host, asker: Host): boolean {
  const { state } = voter;
  if (voter.process !== "running" || state === null || voter.localUs < state.quietUntilUs) return false;
  return asker.document.version >= state.votersSinceVersion && isVoter(voter.document, asker.id);
}
