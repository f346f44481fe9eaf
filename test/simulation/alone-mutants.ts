import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import { resourceStates } from "../../shared/domain/failover/group-states.ts";
import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import { whenAloneOf } from "../../shared/domain/membership/when-alone.ts";
import type { Mutant } from "./mutant.ts";

const pair = [2];

const atAnySize = [2, 3, 4, 5, 6, 7, 8];

/** Bugs that only nodes can have that run a group twice: of two, one that may go on alone; of more, one whose machine stood still. */
export const aloneMutants: readonly Mutant[] = [
  {
    name: "alone-unasked",
    bug: "the operational node of two goes on alone, whether or not the other one has agreed",
    sizes: pair,
    beforeStep: (state) => {
      if (whenAloneOf(state.document) === "stop") return state;
      const soles = Object.fromEntries(Object.keys(state.groups).map((group) => [group, { number: 1, node: state.nodeId }]));
      return { ...state, soles, solesStored: soles };
    },
  },
  {
    name: "alone-not-binding",
    bug: "whoever has agreed that the other one may go on alone still grants the group to itself",
    sizes: pair,
    beforeStep: (state) => {
      const soles = Object.entries(state.soles).map(([group, sole]) => [
        group,
        sole.node === state.nodeId ? sole : { ...sole, node: null },
      ]);
      return { ...state, soles: Object.fromEntries(soles) };
    },
  },
  {
    name: "alone-told-before-kept",
    bug: "what was agreed or given up is told before it is on the disk",
    sizes: pair,
    beforeStep: (state) => ({ ...state, solesStored: state.soles }),
  },
  {
    name: "later-holder-ignored",
    bug: "a holder that hears another one under a higher epoch stays",
    sizes: atAnySize,
    beforeStep: (state, event) => (hearsLaterHolder(state, event) ? deafTo(state, event) : state),
  },
  {
    name: "answers-not-heard",
    bug: "a node that probes takes an address that is answered for as a silent one",
    sizes: pair,
    beforeStep: (state, _event, nowUs) => {
      if (state.lookout === null) return state;
      const quiet = Object.fromEntries(Object.keys(state.groups).map((group) => [group, longUntil(nowUs)]));
      return { ...state, lookout: { ...state.lookout, quiet } };
    },
  },
  {
    name: "gateway-not-asked",
    bug: "a node that probes believes in a gateway that does not answer",
    sizes: pair,
    beforeStep: (state, _event, nowUs) =>
      state.lookout === null ? state : { ...state, lookout: { ...state.lookout, gateway: { ...longUntil(nowUs), answer: "answers" } } },
  },
];

function longUntil(nowUs: number): { readonly sinceUs: number; readonly untilUs: number } {
  return { sinceUs: nowUs - 60_000_000, untilUs: nowUs };
}

function hearsLaterHolder({ groups }: NodeState, event: NodeEvent): boolean {
  if (event.type !== "message" || event.message.type !== "heartbeat") return false;
  return event.message.groups.some(({ group, state, epoch }) => {
    const run = groups[group];
    return run !== undefined && resourceStates.has(run.state) && resourceStates.has(state) && epoch > run.epoch;
  });
}

/** As if it had come too late. */
function deafTo(state: NodeState, event: NodeEvent): NodeState {
  if (event.type !== "message") return state;
  const { from, sequence } = event.message;
  const peer = state.peers[from];
  return peer === undefined ? state : { ...state, peers: { ...state.peers, [from]: { ...peer, heartbeatSequence: sequence } } };
}
