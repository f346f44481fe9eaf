import type { NodeEvent } from "../../shared/domain/failover/events.ts";
import type { Heartbeat, PeerMessage } from "../../shared/domain/failover/messages.ts";
import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import type { Mutant } from "./mutant.ts";

const tooLateUs = 1_500_000;
const atThreeAndMore = [3, 4, 5, 6, 7, 8];

/** One or more for each rule of FAILOVER.md that is not about votes and lengths: those are in mutants.ts. */
export const ruleMutants: readonly Mutant[] = [
  {
    name: "down-after-the-end",
    bug: "what a holder without its majority stops may take longer than its lease lasts, and its guardian allows that",
    sizes: atThreeAndMore,
    afterStep: ({ state, effects }) => ({
      state,
      effects: effects.map((effect) => {
        if (effect.type === "stop-resources") return { ...effect, deadlineUs: effect.deadlineUs + tooLateUs };
        return effect.type === "hold-until" ? { ...effect, untilUs: effect.untilUs + tooLateUs } : effect;
      }),
    }),
  },
  {
    name: "given-back-while-running",
    bug: "a lease is given back when the stop is asked for, not when the resources are down",
    sizes: atThreeAndMore,
    afterStep: (result, _nowUs, again) =>
      result.effects.reduce((sum, effect) => {
        if (effect.type !== "stop-resources") return sum;
        const { state, effects } = again(sum.state, { type: "resources-stopped", group: effect.group, epoch: effect.epoch });
        return { state, effects: [...sum.effects, ...effects] };
      }, result),
  },
  {
    name: "asks-at-once-of-new-voters",
    bug: "after a change of voters a node asks the new ones while a lease of the old ones may run",
    // It takes two changes within a lease. At other sizes nobody has searched for long enough.
    sizes: [5],
    beforeStep: (state) => ({ ...state, votersSettleAtUs: 0 }),
  },
  {
    name: "older-document-granted",
    bug: "a voter grants to who acts on an older document than its own, with other voters",
    sizes: [5, 6, 7, 8],
    beforeStep: (state) => ({ ...state, votersSinceVersion: 0 }),
  },
  {
    name: "confirmed-too-early",
    bug: "a node confirms a change of voters before it has heard a majority of them act on it",
    sizes: [5, 6, 7, 8],
    confirms: ({ document }) => document.version,
  },
  {
    name: "late-release-frees",
    bug: "a release frees whatever its sender has been promised since",
    sizes: atThreeAndMore,
    hears: (event, state) =>
      heard(event, (message) => {
        const grant = message.type === "lease-release" ? state.grants[message.group] : undefined;
        return message.type === "lease-release" && grant !== undefined
          ? { ...message, epoch: Math.max(message.epoch, grant.epoch), incarnation: grant.toIncarnation }
          : message;
      }),
  },
  {
    name: "rewind-not-believed",
    bug: "a node that was put back in time goes on with what it had promised by then, whatever its peers and its machine say",
    sizes: atThreeAndMore,
    hears: (event, state) => (event.type === "rewound" ? { type: "tick" } : heard(event, (message) => withoutLater(message, state))),
  },
  {
    name: "promised-before-written",
    bug: "a number is asked under, and promised, when the disk has been told of it, not when it is there",
    sizes: [3],
    beforeStep: (state) => ({ ...state, stored: state.reserved }),
  },
  {
    name: "late-name-change",
    bug: "an update of a name says nothing of the fence that it was decided on, so that it is carried out however late it comes",
    sizes: [2, 3],
    names: "unfenced",
  },
  {
    name: "name-taken-along",
    bug: "whoever lets a group go takes its name away",
    sizes: [3],
    names: "taken-along",
  },
  {
    name: "guardian-not-missed",
    bug: "an agent does not notice that its guardian is dead, and that nothing ends or starts what it runs",
    sizes: [3],
    missesGuardian: false,
  },
];

function heard(event: NodeEvent, change: (message: PeerMessage) => PeerMessage): NodeEvent {
  return event.type === "message" ? { ...event, message: change(event.message) } : event;
}

function withoutLater(message: PeerMessage, state: NodeState): PeerMessage {
  if (message.type === "heartbeat") return withoutLaterHeard(message, state);
  return "seen" in message ? { ...message, seen: null } : message;
}

function withoutLaterHeard(beat: Heartbeat, { nodeId, incarnation, sequence }: NodeState): Heartbeat {
  const lastHeard = beat.lastHeard.map((last) => (last.node === nodeId ? { ...last, incarnation, sequence } : last));
  return { ...beat, lastHeard };
}
