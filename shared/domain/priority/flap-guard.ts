import type { GroupState } from "../failover/messages.ts";
import type { GroupRun, NodeState } from "../failover/node-state.ts";
import { type MonotonicUs, usFromMs } from "../time.ts";

/*
 * A group that keeps moving from node to node is not helped by one more planned move: automatic failback waits until it has been
 * quieter, or an operator has moved it by hand. Moves are named by their epoch, and every node tells those that it knows of: so
 * the next holder counts on from the last one.
 */

export interface GroupMove {
  /** Of the tenure that began with it. */
  readonly epoch: number;
  readonly atUs: MonotonicUs;
}

/** What a node keeps and tells: more than are too many, so that each holder sees whether they were before its own. */
export const movesKeptMax = 5;

/** The moves that still tell something, oldest first. */
export function recentMoves(state: NodeState, run: GroupRun, nowUs: MonotonicUs): readonly GroupMove[] {
  const keptUs = 2 * usFromMs(state.settings.flapGuard.withinMs);
  return run.moves.filter(({ epoch, atUs }) => epoch > run.movesForgiven && nowUs - atUs < keptUs);
}

/** The last move that was one too many within the time; failback waits for as long again. Null: none was. */
function lastOneTooMany(state: NodeState, moves: readonly GroupMove[]): GroupMove | null {
  const { movesMax, withinMs } = state.settings.flapGuard;
  const tooMany = moves.filter(
    (move, index) => move.atUs - (moves[index - movesMax]?.atUs ?? Number.NEGATIVE_INFINITY) < usFromMs(withinMs),
  );
  return tooMany.at(-1) ?? null;
}

/** Until when automatic failback waits; 0 where it does not. `moves`: those that count. */
export function frozenUntilUs(state: NodeState, moves: readonly GroupMove[]): MonotonicUs {
  const tooMany = lastOneTooMany(state, moves);
  return tooMany === null ? 0 : tooMany.atUs + usFromMs(state.settings.flapGuard.withinMs);
}

export function isFlapping(state: NodeState, run: GroupRun, nowUs: MonotonicUs): boolean {
  return run.moves.length > state.settings.flapGuard.movesMax && nowUs < frozenUntilUs(state, recentMoves(state, run, nowUs));
}

export function withMove(moves: readonly GroupMove[], move: GroupMove): readonly GroupMove[] {
  if (moves.some(({ epoch }) => epoch === move.epoch)) return moves;
  return [...moves, move].toSorted((one, other) => one.epoch - other.epoch).slice(-movesKeptMax);
}

/** What a peer tells of the group's moves, put together with what is known here; the same run where nothing is new. */
export function learnMoves(run: GroupRun, told: GroupState, nowUs: MonotonicUs): GroupRun {
  const unknown = told.moves.filter(({ epoch }) => !run.moves.some((move) => move.epoch === epoch));
  const movesForgiven = Math.max(run.movesForgiven, told.movesForgiven);
  if (unknown.length === 0 && movesForgiven === run.movesForgiven) return run;
  const moves = unknown.reduce((known, { epoch, ageUs }) => withMove(known, { epoch, atUs: nowUs - ageUs }), run.moves);
  return { ...run, moves, movesForgiven };
}
