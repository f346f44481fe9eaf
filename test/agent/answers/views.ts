import type { GroupView, NodeView } from "../../../shared/domain/failover/node-view.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

/** A core's view at one instant: each group's state under epoch 4, with what is left of its lease. Times in milliseconds. */
export function viewAt(atMs: number, states: Readonly<Record<string, string>>, leaseLeftMs = 400): NodeView {
  const groups = Object.entries(states).map(
    ([group, state]): GroupView => ({
      group: group as GroupName,
      state,
      epoch: 4,
      highestAsked: 4,
      holder: null,
      ineligible: null,
      released: null,
      moves: [],
      movesForgiven: 0,
      sole: { number: 0, node: null },
      soleWish: 0,
      reason: "",
      leaseRemainingMs: leaseLeftMs,
      leaseEndUs: usFromMs(atMs + leaseLeftMs),
    }),
  );
  return { takenAtUs: usFromMs(atMs), quarantinedForMs: 0, groups, peers: [], documentVersion: 1 };
}
