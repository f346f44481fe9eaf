import type { NodeState } from "../../shared/domain/failover/node-state.ts";
import { epochLeap } from "../../shared/domain/failover/rewound.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import { witnessId } from "../simulation/cluster.ts";
import type { Mutant } from "../simulation/mutant.ts";

/** A planted bug that takes more coincidences than seeds bring about: so a script brings them about. */
export interface RareBug {
  readonly mutant: Omit<Mutant, "sizes">;
  /** The rule that it breaks. */
  readonly rule: string;
  readonly script: string;
}

export const rareBugs: readonly RareBug[] = [
  {
    mutant: {
      name: "witness-forgets",
      bug: "a witness that has restarted grants at once, whatever it had promised before",
      atStart: (state) =>
        state.nodeId === witnessId && state.incarnation > 1
          ? { ...withGroups(state, () => ({ state: "standby" })), quietUntilUs: state.startedAtUs }
          : state,
    },
    rule: "S1",
    // The witness holds the lease of a, restarts, and hears no more from it.
    script: `
      cluster 2 witness
      run 4000
      cut a b
      cut b a
      run 2000
      kill w
      cut a w
      start w
      run 2000`,
  },
  {
    mutant: {
      name: "witness-from-answer",
      bug: "the witness's promise is counted from the arrival of its answer",
      beforeStep: (state, event, nowUs) => {
        if (event.type !== "message" || event.message.type !== "lease-grant" || event.message.from !== witnessId) return state;
        const { requestId } = event.message;
        return withGroups(state, ({ rounds }) => ({
          rounds: rounds.map((round) => (round.requestId === requestId ? { ...round, sentUs: nowUs } : round)),
        }));
      },
    },
    rule: "S1",
    // Four nodes, so that the holder's own promise and its neighbour's do not end the lease as early; the answers of the witness are under way for long.
    script: `
      cluster 4 witness
      run 4000
      cut a c
      cut a d
      late b c 20
      cut b d
      cut c a
      cut c b
      cut d a
      cut d b
      run 1500
      cut b w
      cut w b
      late w a 150
      run 1000
      late w a 280
      run 1500
      cut a w
      run 2000`,
  },
  {
    mutant: {
      name: "claim-without-leap",
      bug: "a node that an operator has go on alone takes the next number, which the other one may have used as well",
      afterStep: ({ state, effects }) => {
        const claimed = effects.flatMap((effect) =>
          effect.type === "report" && effect.detail.kind === "group.claimed" ? [effect.detail.group] : [],
        );
        return { state: claimed.reduce(withoutLeap, state), effects };
      },
    },
    rule: "S3",
    // a, of which nothing is heard, uses more numbers alone; then an operator has b take over, and both hear each other again.
    script: `
      cluster 2 survivor
      run 4000
      cut a b
      cut b a
      run 1000
      kill a
      start a
      run 4000
      kill a
      start a
      run 4000
      takeover b
      run 1000
      mend
      run 1000`,
  },
];

function withGroups(state: NodeState, change: (run: NodeState["groups"][GroupName]) => Partial<NodeState["groups"][GroupName]>): NodeState {
  const groups = Object.fromEntries(Object.entries(state.groups).map(([name, run]) => [name, { ...run, ...change(run) }]));
  return { ...state, groups };
}

function withoutLeap(state: NodeState, group: GroupName): NodeState {
  const run = state.groups[group];
  return run === undefined ? state : { ...state, groups: { ...state.groups, [group]: { ...run, epochSeen: run.epochSeen - epochLeap } } };
}
