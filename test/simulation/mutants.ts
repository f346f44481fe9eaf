import type { Effect } from "../../shared/domain/failover/effects.ts";
import type { LeaseGrant } from "../../shared/domain/failover/messages.ts";
import type { Grant, GroupRun, NodeState } from "../../shared/domain/failover/node-state.ts";
import type { StepResult } from "../../shared/domain/failover/step.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import { aloneMutants } from "./alone-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { ruleMutants } from "./rule-mutants.ts";
import { witnessMutants } from "./witness-mutants.ts";

const atAnySize = [2, 3, 4, 5, 6, 7, 8];

/**
 * With two nodes both votes are needed, so a second holder needs the first one's own vote, and a node that may still run
 * a resource does not give it: nor does it after its restart, since a start clears what was left.
 */
const atThreeAndMore = [3, 4, 5, 6, 7, 8];

/** The bugs that this kind of software has had, each planted alone. The simulator must find every one. */
export const mutants: readonly Mutant[] = [
  {
    name: "no-majority",
    bug: "a candidate believes that everybody it has asked has granted",
    sizes: atAnySize,
    afterStep: (result, _nowUs, again) => {
      let { state, effects } = result;
      for (const effect of result.effects) {
        if (effect.type !== "send" || effect.message.type !== "lease-request") continue;
        const { group, epoch, requestId, documentVersion } = effect.message;
        const forged: LeaseGrant = {
          type: "lease-grant",
          from: effect.to,
          incarnation: state.peers[effect.to]?.incarnation ?? 1,
          sequence: state.peers[effect.to]?.sequence ?? 0,
          documentVersion,
          group,
          to: state.nodeId,
          toIncarnation: state.incarnation,
          epoch,
          requestId,
          seen: null,
        };
        const next = again(state, { type: "message", message: forged, path: mainPath });
        state = next.state;
        effects = [...effects, ...next.effects];
      }
      return { state, effects };
    },
  },
  {
    name: "lease-from-answer",
    bug: "a lease is counted from the arrival of the answer, not from before the request",
    sizes: atThreeAndMore,
    beforeStep: (state, event, nowUs) => {
      if (event.type !== "message" || event.message.type !== "lease-grant") return state;
      const { requestId } = event.message;
      return withGroups(state, (run) => ({
        ...run,
        rounds: run.rounds.map((round) => (round.requestId === requestId ? { ...round, sentUs: nowUs } : round)),
      }));
    },
  },
  {
    name: "no-drift-margin",
    bug: "a holder counts on its lease to the very end of what was promised",
    sizes: atThreeAndMore,
    settings: (settings) => ({ ...settings, leaseMargin: { fixedMs: 0, fractionOfLease: 0 } }),
  },
  {
    name: "grant-forgotten",
    bug: "a voter that has restarted grants at once, whatever it had promised before",
    sizes: atThreeAndMore,
    atStart: (state) => ({ ...withGroups(state, (run) => ({ ...run, state: "standby" })), quietUntilUs: state.startedAtUs }),
  },
  {
    name: "no-self-grant",
    bug: "a candidate counts its own vote without promising it, and may promise it to another as well",
    sizes: atAnySize,
    afterStep: (result) => ({ ...result, state: withoutOwnPromise(result) }),
  },
  {
    name: "no-release",
    bug: "what was won or held is never given back; it only runs out",
    sizes: atAnySize,
    afterStep: ({ state, effects }) => ({
      state: withGroups(state, (run) => ({ ...run, released: null })),
      effects: withoutReleases(effects),
    }),
  },
  {
    name: "duelling-candidates",
    bug: "nobody waits for its turn, before the first try or after one in vain",
    sizes: atAnySize,
    settings: (settings) => ({
      ...settings,
      profiles: {
        fast: { ...settings.profiles.fast, rankDelayMs: 0 },
        default: { ...settings.profiles.default, rankDelayMs: 0 },
        patient: { ...settings.profiles.patient, rankDelayMs: 0 },
      },
    }),
  },
  {
    name: "epoch-goes-back",
    bug: "the epochs that were promised are forgotten with the agent's end",
    sizes: atAnySize,
    atStart: (state) => ({ ...withGroups(state, (run) => ({ ...run, epochSeen: 0 })), grants: {}, reserved: {} }),
  },
  {
    name: "stale-status",
    bug: "a status that was told before the resources were down counts as one that holds everything they wrote",
    sizes: atThreeAndMore,
    beforeStep: (state, event) =>
      event.type === "status" ? withGroups(state, (run) => ({ ...run, lookedAt: event.status.dataSets })) : state,
  },
  {
    name: "learner-votes",
    bug: "a node that has only joined counts as a voter before the control plane says so",
    // A small cluster of voters and learners is safe all the same as one of voters alone; a larger one waits for learners that cannot vote yet.
    sizes: [5, 6, 7, 8],
    beforeStep: (state) => ({ ...state, document: withoutLearners(state.document) }),
  },
  {
    name: "guardian-speaks-first",
    bug: "the guardian of a dead agent gives its lease back while the resources still run",
    sizes: atThreeAndMore,
    guardianSpeaksFirst: true,
  },
  {
    name: "leases-on-one-path",
    bug: "heartbeats go out on every path, requests and grants on the first one only",
    sizes: atAnySize,
    sendsOn: (message, path) => message.type === "heartbeat" || path === mainPath,
  },
  {
    name: "suspicion-frees",
    bug: "a voter counts its promise to a node that it does not hear as given back",
    sizes: atThreeAndMore,
    beforeStep: (state, _event, nowUs) => ({ ...state, grants: withoutSilent(state, nowUs) }),
  },
  ...ruleMutants,
  ...witnessMutants,
  ...aloneMutants,
  {
    name: "long-promise-cut-short",
    bug: "a voter keeps a long promise no longer than an ordinary one",
    sizes: atThreeAndMore,
    afterStep: ({ state, effects }) => ({ state: withGrants(state, cutShort), effects }),
  },
];

const ordinaryUs = 600_000;

function cutShort(grant: Grant): Grant {
  const { long } = grant;
  if (long === null || long.forUs <= ordinaryUs) return grant;
  return { ...grant, long: { ...long, forUs: ordinaryUs, untilUs: long.untilUs - long.forUs + ordinaryUs } };
}

function withGrants(state: NodeState, change: (grant: Grant) => Grant): NodeState {
  return { ...state, grants: Object.fromEntries(Object.entries(state.grants).map(([name, grant]) => [name, change(grant)])) };
}

function withoutSilent({ grants, peers }: NodeState, nowUs: number): NodeState["grants"] {
  const freed = Object.entries(grants).map(([group, grant]): [string, Grant] => {
    const isSilent = grant.to !== null && peers[grant.to]?.silent === true;
    return [group, isSilent ? { ...grant, to: null, untilUs: Math.min(grant.untilUs, nowUs) } : grant];
  });
  return Object.fromEntries(freed);
}

function withoutLearners(document: ClusterDocument): ClusterDocument {
  if (document.nodes.every(({ voting }) => voting)) return document;
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, voting: true })) };
}

function withGroups(state: NodeState, change: (run: GroupRun) => GroupRun): NodeState {
  return { ...state, groups: Object.fromEntries(Object.entries(state.groups).map(([name, run]) => [name, change(run)])) };
}

/** Neither the word itself, nor the heartbeats that would repair its loss. */
function withoutReleases(effects: readonly Effect[]): readonly Effect[] {
  return effects.flatMap((effect): Effect[] => {
    if (effect.type !== "send") return [effect];
    const { message } = effect;
    if (message.type === "lease-release") return [];
    if (message.type !== "heartbeat") return [effect];
    return [{ ...effect, message: { ...message, groups: message.groups.map((told) => ({ ...told, released: null })) } }];
  });
}

function withoutOwnPromise({ state }: StepResult): NodeState {
  const open = (own: Grant): Grant => (own.to === state.nodeId ? { ...own, to: null, untilUs: 0, epoch: 0 } : own);
  return withGrants(state, open);
}
