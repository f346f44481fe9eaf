import { describe, expect, it } from "vitest";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { NodeEvent } from "../../../../shared/domain/failover/events.ts";
import { type GroupStateName, groupStates, holdingStates, resourceStates } from "../../../../shared/domain/failover/group-states.ts";
import { type NodeState, step } from "../../../../shared/domain/failover/step.ts";
import type { Signal } from "../../../../shared/domain/failover/transition.ts";
import { transitionTable } from "../../../../shared/domain/failover/transition-table.ts";
import { usFromMs } from "../../../../shared/domain/time.ts";
import { groupName } from "../../../simulation/cluster.ts";
import { goldenCases } from "./golden/cases.ts";
import { nowMs, type View, viewedState } from "./golden/view.ts";
import { b, c } from "./test-node.ts";

const names = Object.keys(groupStates) as GroupStateName[];
const unheld = names.filter((name) => !holdingStates.has(name) && !resourceStates.has(name));
const answers: readonly Signal["type"][] = ["resources-started", "resources-failed", "resources-stopped"];

/** What somebody may want of a group on one node, the states in which it is so, and what may be counted on to come there. */
const goals: readonly { readonly goal: string; readonly states: readonly GroupStateName[]; readonly by: readonly Signal["type"][] }[] = [
  { goal: "the node or the group is removed, or the agent ends: it is out", states: ["left"], by: ["time"] },
  { goal: "another node may run it: this one holds nothing", states: unheld, by: ["time"] },
  { goal: "it is to run here", states: ["operational"], by: ["time", ...answers] },
  { goal: "nobody may run it: that is said", states: ["safe-halt"], by: ["time", ...answers] },
];

function reaches(from: GroupStateName, states: readonly GroupStateName[], by: readonly Signal["type"][]): boolean {
  const seen = new Set([from]);
  for (const state of seen) {
    for (const row of transitionTable) if (by.includes(row.on) && row.from.includes(state)) seen.add(row.to);
  }
  return states.some((state) => seen.has(state));
}

/** Node a in this state: the first of its golden views in which all is well. */
function wellIn(state: GroupStateName): View {
  const view = Object.values(goldenCases)
    .flat()
    .find((golden) => golden.view.state === state)?.view;
  if (view === undefined) throw new Error(`no golden case begins in ${state}`);
  return view;
}

/** Goes on alone, its orders carried out at once, until the group is out or 30 s are over. */
function playedToItsEnd(view: View, event: NodeEvent): { readonly state: string; readonly afterMs: number } {
  let state: NodeState = viewedState(view);
  const take = (next: NodeEvent, atMs: number): void => {
    const result = step(state, next, usFromMs(atMs));
    state = result.state;
    for (const effect of result.effects) for (const answer of answersTo(effect, state)) take(answer, atMs);
  };
  take(event, nowMs);
  const stateNow = (): string => state.groups[groupName]?.state ?? "gone";
  let atMs = nowMs;
  for (; atMs < nowMs + 30_000 && !["left", "gone"].includes(stateNow()); atMs += 10) take({ type: "tick" }, atMs);
  return { state: stateNow(), afterMs: atMs - nowMs };
}

function answersTo(effect: Effect, state: NodeState): readonly NodeEvent[] {
  if (effect.type === "stop-resources") return [{ type: "resources-stopped", group: effect.group, epoch: effect.epoch }];
  if (effect.type === "start-resources") return [{ type: "resources-started", group: effect.group, epoch: effect.epoch, addresses: [] }];
  if (effect.type === "persist") return [{ type: "persisted", record: effect.record }];
  if (effect.type !== "look" || state.status === null) return [];
  return [{ type: "looked", group: effect.group, lookId: effect.lookId, status: state.status }];
}

describe("whatever the cloud or an operator can ask for can be reached", () => {
  it.each(goals.flatMap((goal) => names.map((from) => ({ ...goal, from }))))("from $from: $goal", ({ from, states, by }) => {
    expect(reaches(from, states, by)).toBe(true);
  });

  it.each(names)("%s: a switchover is made, or refused with a reason; never passed over in silence", (from) => {
    const { state, effects } = step(
      viewedState(wellIn(from)),
      { type: "switchover", group: groupName, to: null, reason: "an operator asked for it" },
      usFromMs(nowMs),
    );
    const isRefused = effects.some((effect) => effect.type === "report" && effect.detail.kind === "group.switchover-refused");
    expect(isRefused).toBe(from !== "operational");
    if (!isRefused) expect(state.groups[groupName]?.state).toBe("handing-over");
  });

  it.each(names.filter((name) => name !== "left"))("%s: the agent is asked to end: the group is out within 15 s", (from) => {
    const { state, afterMs } = playedToItsEnd(wellIn(from), { type: "shutdown", reason: "its service is being stopped" });
    expect(state).toBe("left");
    expect(afterMs).toBeLessThan(15_000);
  });

  it.each(names)("%s: the node, or the group, is no longer named in the document: it is out before its lease ends", (from) => {
    const { document } = viewedState(wellIn(from));
    const next = { ...document, version: document.version + 1 };
    const groups = document.groups.map((group) => ({ ...group, order: [b, c] }));
    const without = { ...next, groups, nodes: document.nodes.filter(({ nodeId }) => nodeId === b || nodeId === c) };
    for (const changed of [without, { ...next, groups: [] }]) {
      const { state, afterMs } = playedToItsEnd(wellIn(from), { type: "document", document: changed });
      expect(["left", "gone"]).toContain(state);
      expect(afterMs).toBeLessThanOrEqual(600);
    }
  });
});
