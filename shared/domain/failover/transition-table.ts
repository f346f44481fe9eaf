import type { GroupName } from "../ids.ts";
import { type GroupStateName, groupStates } from "./group-states.ts";
import type { Signal, Transition } from "./transition.ts";
import { transitionsHolding } from "./transitions-holding.ts";
import { transitionsPolicy } from "./transitions-policy.ts";
import { transitionsStanding } from "./transitions-standing.ts";
import { editGroup, entries, groupOf, type Turn } from "./turn.ts";

/** Every way from one state to another. The first row that fits is taken, so the order within a state matters. */
export const transitionTable: readonly Transition[] = [...transitionsStanding, ...transitionsPolicy, ...transitionsHolding];

/** More edges than this in one instant would mean that two rows chase each other. */
const edgesPerInstantMax = 12;

/** Takes the first row that fits the signal, then every row that what is known now calls for. False: no row fitted the signal. */
export function move(turn: Turn, name: GroupName, signal: Signal): boolean {
  if (!moveOnce(turn, name, signal)) return false;
  for (let edges = 0; moveOnce(turn, name, { type: "time" }); edges += 1) {
    if (edges >= edgesPerInstantMax) throw new Error(`group ${name} does not come to rest in state ${groupOf(turn, name).state}`);
  }
  return true;
}

function moveOnce(turn: Turn, name: GroupName, signal: Signal): boolean {
  const scene = { turn, name, signal };
  const { state, sinceUs } = groupOf(turn, name);
  const row = rowsOf(state, signal.type).find(({ guard }) => guard(scene));
  if (row === undefined) return false;
  row.act(scene);
  const reason = row.because(scene);
  editGroup(turn, name, { state: row.to, reason, sinceUs: row.to === state ? sinceUs : turn.nowUs });
  return true;
}

/** By state, and by signal: looked up with every event. */
const rowsByState = new Map(
  entries(groupStates).map(([state]) => [state, Map.groupBy(transitionTable, ({ from, on }) => (from.includes(state) ? on : null))]),
);

function rowsOf(state: GroupStateName, on: Signal["type"]): readonly Transition[] {
  return rowsByState.get(state)?.get(on) ?? [];
}
