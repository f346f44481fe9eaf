import { boundTo, mayGoOnAlone } from "../../shared/domain/failover/sole-note.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { isVoter, majorityOf, votersOf } from "../../shared/domain/membership/quorum.ts";
import { whenAloneOf } from "../../shared/domain/membership/when-alone.ts";
import { gatewayId, witnessId } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** Whether this node runs and may vote, and a majority of its document's voters could grant it a lease now. */
export function hasTrueMajority(world: World, host: Host, group: GroupName, needsNoCloud = false): boolean {
  if (waitsForLost(world, host, group)) return false;
  const isQuiet = host.state === null || host.localUs < host.state.quietUntilUs;
  if (host.process !== "running" || isQuiet || !isVoter(host.document, host.id)) return false;
  if (host.state !== null && mayGoOnAlone(host.state, group))
    return whenAloneOf(host.document) !== "probe" || !isContested(world, host, group);
  // Its own vote comes first (rule 8).
  if (!canGrant(world, host, host, group)) return false;
  return votersInReach(world, host, group, needsNoCloud) >= majorityOf(votersOf(host.document).length);
}

/** It has agreed that a node may go on alone which is lost for good: only an operator can tell it so. */
export function waitsForLost(world: World, host: Host, group: GroupName): boolean {
  const named = host.state === null ? null : boundTo(host.state, group);
  return [...world.lost].some(({ id }) => id === named);
}

/** A node that probes does not take a group alone while another one answers for its address, and not while it is itself cut off. */
function isContested(world: World, host: Host, group: GroupName): boolean {
  const isAnswered = world.hosts.some((other) => other !== host && other.resourcesOf(group).answersSinceUs !== null);
  return isAnswered || !world.network.canFind(host.id, gatewayId);
}

function votersInReach(world: World, host: Host, group: GroupName, needsNoCloud: boolean): number {
  return votersOf(host.document).filter((id) => {
    if (id === witnessId && world.cloud !== null) return !needsNoCloud && world.cloud.wouldGrant(host, group);
    const voter = world.host(id);
    return voter !== undefined && canGrant(world, voter, host, group) && world.network.canTalk(host.id, id);
  }).length;
}

/** What it had reserved is used up, and its disk takes no more: it asks under no other number, and promises none. */
function isShortOfNumbers({ disk, state }: Host, group: GroupName): boolean {
  return disk.trouble !== null && state !== null && (state.stored[group] ?? 0) <= (state.groups[group]?.epochSeen ?? 0) + 1;
}

/** Runs, keeps silent no longer, knows the asker, and has not taken in other voters than the asker acts on. */
function canGrant(world: World, voter: Host, asker: Host, group: GroupName): boolean {
  const { state } = voter;
  if (voter.process !== "running" || state === null || voter.localUs < state.quietUntilUs) return false;
  if (isShortOfNumbers(voter, group)) return false;
  const { long = null, to, toIncarnation } = state.grants[group] ?? {};
  const isTheirs = to === asker.id && toIncarnation === asker.state?.incarnation;
  // A long promise to another node, or to an earlier run of this one, binds it until it has run out; and then somebody has to ask.
  const askedUs = 2 * world.options.timing.leaseMs * 1_000;
  if (long !== null && voter.localUs < long.untilUs + askedUs && !isTheirs) return false;
  return asker.document.version >= state.votersSinceVersion && isVoter(voter.document, asker.id);
}
