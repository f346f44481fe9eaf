import type { GroupName } from "../ids.ts";
import type { Signal, Transition } from "./transition.ts";
import { transitionsHolding } from "./transitions-holding.ts";
import { transitionsPolicy } from "./transitions-policy.ts";
import { transitionsStanding } from "./transitions-standing.ts";
import { editGroup, groupOf, type Turn } from "./turn.ts";

/** Every way from one state to another. The first row that fits is taken, so the order within a state matters. */
export const transitionTable: readonly Transition[] = [...transitionsStanding, ...transitionsPolicy, ...transitionsHolding];

/** More edges than this in one instant would mean that two rows chase each other. */
const edgesPerInstantMax = 12;

/** Takes the first row that fits the signal, then every row that what is known now calls for. False: no row fitted the signal. */
export function move(turn: Turn, name: GroupName, signal: Signal): boolean {
  const fitted = moveOnce(turn, name, signal);
  if (signal.type !== "time" && !fitted) return false;
  for (let edges = 0; moveOnce(turn, name, { type: "time" }); edges += 1) {
    if (edges >= edgesPerInstantMax) throw new Error(`group ${name} does not come to rest in state ${groupOf(turn, name).state}`);
  }
  return fitted;
}

function moveOnce(turn: Turn, name: GroupName, signal: Signal): boolean {
  const scene = { turn, name, signal };
  const { state, sinceUs } = groupOf(turn, name);
  const row = rowsOf(state).find((candidate) => candidate.on === signal.type && candidate.guard(scene));
  if (row === undefined) return false;
  row.act(scene);
  const reason = row.because(scene);
  editGroup(turn, name, { state: row.to, reason, sinceUs: row.to === state ? sinceUs : turn.nowUs });
  return true;
}

const rowsByState = new Map<string, readonly Transition[]>();

function rowsOf(state: Transition["to"]): readonly Transition[] {
  const known = rowsByState.get(state);
  if (known !== undefined) return known;
  const rows = transitionTable.filter((row) => row.from.includes(state));
  rowsByState.set(state, rows);
  return rows;
}
