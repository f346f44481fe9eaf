import { frozenUntilUs, isFlapping, recentMoves } from "../priority/flap-guard.ts";
import { msFromUs } from "../time.ts";
import { nowOf, runOf, type Scene, stateOf, type Transition } from "./transition.ts";
import { editGroup, report } from "./turn.ts";

/** Rows of a holder that only say what it may still do of its own accord. */
export const transitionsPolicy: readonly Transition[] = [
  {
    from: ["operational"],
    on: "time",
    when: "the group has moved too often: automatic failback waits",
    guard: (scene) => isMovingTooOften(scene) && !runOf(scene).isFailbackFrozen,
    to: "operational",
    act: freezeFailback,
    because: (scene) => `the group has moved ${tooMany(scene)} times within a short time: automatic failback waits`,
  },
  {
    from: ["operational"],
    on: "time",
    when: "the group has been quiet for long enough, or an operator has moved it",
    guard: (scene) => !isMovingTooOften(scene) && runOf(scene).isFailbackFrozen,
    to: "operational",
    act: thawFailback,
    because: () => "the group has been quiet for long enough: failback goes by its policy again",
  },
];

function isMovingTooOften(scene: Scene): boolean {
  return isFlapping(stateOf(scene), runOf(scene), nowOf(scene));
}

function recentOf(scene: Scene): ReturnType<typeof recentMoves> {
  return recentMoves(stateOf(scene), runOf(scene), nowOf(scene));
}

function tooMany(scene: Scene): number {
  return stateOf(scene).settings.flapGuard.movesMax + 1;
}

/** Told once, by the holder with whose own move it has become too much. */
function freezeFailback(scene: Scene): void {
  const { turn, name } = scene;
  const { epoch } = runOf(scene);
  const moves = recentOf(scene);
  editGroup(turn, name, { isFailbackFrozen: true });
  const before = moves.filter((move) => move.epoch < epoch);
  if (turn.nowUs < frozenUntilUs(turn.state, before)) return;
  const frozenForMs = Math.round(msFromUs(frozenUntilUs(turn.state, moves) - turn.nowUs));
  const { withinMs } = turn.state.settings.flapGuard;
  report(turn, { kind: "group.flapping", group: name, epoch, moves: tooMany(scene), withinMs, frozenForMs });
}

function thawFailback(scene: Scene): void {
  editGroup(scene.turn, scene.name, { isFailbackFrozen: false });
  report(scene.turn, { kind: "group.settled", group: scene.name, epoch: runOf(scene).epoch });
}
