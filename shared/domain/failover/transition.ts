import type { GroupName, NodeId } from "../ids.ts";
import type { AddressLook } from "../monitoring/takeover-course.ts";
import type { MonotonicUs } from "../time.ts";
import type { GroupStateName } from "./group-states.ts";
import type { GroupRun, NodeState } from "./node-state.ts";
import { groupOf, type Turn } from "./turn.ts";

/** What can move a group. `time`: what is known now, looked at after every event and at every instant asked for. */
export type Signal =
  | { readonly type: "time" }
  | { readonly type: "resources-started"; readonly addresses: readonly AddressLook[] }
  | { readonly type: "resources-failed"; readonly reason: string }
  | { readonly type: "resources-stopped" }
  | { readonly type: "switchover"; readonly to: NodeId | null; readonly reason: string };

/** What guards and actions look at. */
export interface Scene {
  readonly turn: Turn;
  readonly name: GroupName;
  readonly signal: Signal;
}

/** One row: from, event, guard, to, effects, and the sentence that operators read. The first row that fits is taken. */
export interface Transition {
  readonly from: readonly GroupStateName[];
  readonly on: Signal["type"];
  /** The guard in words; the diagram's label. */
  readonly when: string;
  readonly guard: (scene: Scene) => boolean;
  readonly to: GroupStateName;
  readonly act: (scene: Scene) => void;
  readonly because: (scene: Scene) => string;
}

export function runOf(scene: Scene): GroupRun {
  return groupOf(scene.turn, scene.name);
}

export function stateOf(scene: Scene): NodeState {
  return scene.turn.state;
}

export function nowOf(scene: Scene): MonotonicUs {
  return scene.turn.nowUs;
}

export function nothing(): void {
  // Some edges only change the name of what is true.
}
