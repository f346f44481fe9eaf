import type { GroupName } from "../ids.ts";
import { nodeVotersOf } from "../membership/quorum.ts";
import { whenAloneOf } from "../membership/when-alone.ts";
import { type DurationUs, type MonotonicUs, usFromMs } from "../time.ts";
import type { NodeEvent } from "./events.ts";
import { occupiedStates } from "./group-states.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { isAway } from "./reach.ts";
import { edit, leaseUsOf, otherNodeVotersOf, type Turn, timingOf } from "./turn.ts";

/*
 * One of two nodes that does not hear the other one looks at the LAN (`whenAlone: probe`): does anybody answer for a group's addresses, and
 * does a gateway answer? Silence of an address is no proof that nobody runs the group, and a gateway is no vote. So what is found here never
 * makes a lease by itself: it lets a node do what an operator could (takeover.ts), or keeps it from doing so.
 */

/** `none`: this machine knows no gateway. */
export type GatewayAnswer = "answers" | "silent" | "none";

/** The instants at which the first and the newest of an unbroken row of probes with the same outcome were sent. */
interface Row {
  readonly sinceUs: MonotonicUs;
  readonly untilUs: MonotonicUs;
}

export interface Lookout {
  /** The newest probe. */
  readonly askedAtUs: MonotonicUs;
  readonly isAnswered: boolean;
  readonly groups: readonly GroupName[];
  /** Of the newest answer: somebody holds one of their addresses. */
  readonly answered: readonly GroupName[];
  /** By group: nobody answered for any of its addresses. */
  readonly quiet: Readonly<Record<GroupName, Row>>;
  /** Null before the first answer. */
  readonly gateway: (Row & { readonly answer: GatewayAnswer }) | null;
}

const nothingFound: Omit<Lookout, "askedAtUs"> = { isAnswered: true, groups: [], answered: [], quiet: {}, gateway: null };

/** Whether this is one of two nodes that look at the LAN, and it does not hear the other one, which has not said that it would be away. */
export function isLookingOut(state: NodeState, nowUs: MonotonicUs): boolean {
  if (whenAloneOf(state.document) !== "probe" || !nodeVotersOf(state.document).includes(state.nodeId)) return false;
  return otherNodeVotersOf(state).every((node) => {
    const peer = state.peers[node];
    return peer?.silent === true && !isAway(peer, nowUs);
  });
}

/** Asks again with every heartbeat, and after T where an answer stays away. */
export function keepLookout(turn: Turn): void {
  const { state, nowUs } = turn;
  const { lookout } = state;
  if (!isLookingOut(state, nowUs)) return lookout === null ? undefined : edit(turn, { lookout: null });
  const { isAnswered, askedAtUs } = lookout ?? { isAnswered: true, askedAtUs: Number.NEGATIVE_INFINITY };
  const everyUs = isAnswered ? usFromMs(timingOf(state).heartbeatIntervalMs) : leaseUsOf(state);
  if (nowUs - askedAtUs < everyUs) return;
  const elsewhere = Object.values(state.groups).filter((run) => !occupiedStates.has(run.state) && hasAddress(state, run.name));
  const groups = elsewhere.map(({ name }) => name);
  edit(turn, { lookout: { ...(lookout ?? nothingFound), askedAtUs: nowUs, isAnswered: false, groups } });
  turn.effects.push({ type: "probe", askedAtUs: nowUs, groups });
}

/** An answer to any but the newest question comes too late. */
export function takeProbed(turn: Turn, { askedAtUs, answered, gateway }: Extract<NodeEvent, { type: "probed" }>): void {
  const { lookout } = turn.state;
  if (lookout === null || lookout.isAnswered || lookout.askedAtUs !== askedAtUs) return;
  // Nobody has looked in between where this node was late itself.
  const longer = (row: Row | null | undefined): Row => {
    const isUnbroken = row !== null && row !== undefined && askedAtUs - row.untilUs <= leaseUsOf(turn.state);
    return { sinceUs: isUnbroken ? row.sinceUs : askedAtUs, untilUs: askedAtUs };
  };
  const silent = lookout.groups.filter((group) => !answered.includes(group));
  const quiet = Object.fromEntries(silent.map((group) => [group, longer(lookout.quiet[group])]));
  const same = lookout.gateway?.answer === gateway ? lookout.gateway : null;
  edit(turn, { lookout: { ...lookout, isAnswered: true, answered, quiet, gateway: { ...longer(same), answer: gateway } } });
}

/** For how long nobody has answered for the group's addresses, as far as was looked; null: somebody did, or nobody has looked lately. */
export function quietForUs(state: NodeState, group: GroupName, nowUs: MonotonicUs): DurationUs | null {
  return lastingUs(state, state.lookout?.quiet[group] ?? null, nowUs);
}

/** The same of the gateways' answer. */
export function gatewayForUs(state: NodeState, answer: GatewayAnswer, nowUs: MonotonicUs): DurationUs | null {
  const row = state.lookout?.gateway ?? null;
  return row?.answer === answer ? lastingUs(state, row, nowUs) : null;
}

/** Neither the other node nor a gateway has answered for one T: it is this node that the network has lost. */
export function isLostToAll(state: NodeState, nowUs: MonotonicUs): boolean {
  return isLookingOut(state, nowUs) && (gatewayForUs(state, "silent", nowUs) ?? 0) >= leaseUsOf(state);
}

export const lostToAllReason = "this node is cut off: neither the other one nor a gateway answers";

/** What the LAN says against this node's taking the group while it does not hear the other one, in words for people; null: nothing. */
export function lookoutProblem(state: NodeState, run: GroupRun, nowUs: MonotonicUs): string | null {
  if (isLostToAll(state, nowUs)) return lostToAllReason;
  if (occupiedStates.has(run.state) || !hasAddress(state, run.name) || !isLookingOut(state, nowUs)) return null;
  const quietUs = quietForUs(state, run.name, nowUs);
  if (quietUs !== null && quietUs >= leaseUsOf(state)) return null;
  return state.lookout?.answered.includes(run.name) === true
    ? "somebody answers for the group's addresses"
    : "it is not known yet whether anybody answers for the group's addresses";
}

export function hasAddress({ document }: NodeState, group: GroupName): boolean {
  const resources = document.groups.find(({ name }) => name === group)?.resources ?? [];
  return resources.some(({ kind }) => kind === "address");
}

function lastingUs(state: NodeState, row: Row | null, nowUs: MonotonicUs): DurationUs | null {
  return row === null || nowUs - row.untilUs > leaseUsOf(state) ? null : row.untilUs - row.sinceUs;
}
