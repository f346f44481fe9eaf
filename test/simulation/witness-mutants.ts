import type { Effect } from "../../shared/domain/failover/effects.ts";
import type { GroupRun, NodeState } from "../../shared/domain/failover/node-state.ts";
import { groupName, witnessId } from "./cluster.ts";
import type { Mutant } from "./mutant.ts";

const atEvenSizes = [2, 4, 6, 8];

/** Bugs that only a witness makes possible. */
export const witnessMutants: readonly Mutant[] = [
  {
    name: "witness-freed-and-counted",
    bug: "a holder gives the witness its promise back, and counts on it all the same",
    sizes: atEvenSizes,
    afterStep: ({ state, effects }) => ({ state: hasFreed(effects) ? withRun(state, countWitness) : state, effects }),
  },
  {
    name: "witness-always-asked",
    bug: "the witness is asked with every renewal, though the nodes suffice",
    sizes: atEvenSizes,
    afterStep: ({ state, effects }) => ({ state, effects: effects.flatMap(alsoToWitness) }),
  },
];

function withRun(state: NodeState, change: (run: GroupRun) => GroupRun): NodeState {
  const run = state.groups[groupName];
  return run === undefined ? state : { ...state, groups: { ...state.groups, [groupName]: change(run) } };
}

function hasFreed(effects: readonly Effect[]): boolean {
  const releases = effects.flatMap((effect) => (effect.type === "send" && effect.message.type === "lease-release" ? [effect.to] : []));
  return releases.length === 1 && releases[0] === witnessId;
}

/** As if it had promised once more, for long. */
function countWitness(run: GroupRun): GroupRun {
  const newest = run.rounds.at(-1);
  return newest === undefined
    ? run
    : { ...run, witnessFreed: 0, promises: { ...run.promises, [witnessId]: { ...newest, leaseUs: 10 * newest.leaseUs } } };
}

function alsoToWitness(effect: Effect): readonly Effect[] {
  if (effect.type !== "send" || effect.message.type !== "lease-request" || effect.to === witnessId) return [effect];
  return [effect, { ...effect, to: witnessId }];
}
