import type { Effect } from "../../../../../shared/domain/failover/effects.ts";
import type { NodeEvent } from "../../../../../shared/domain/failover/events.ts";
import { step } from "../../../../../shared/domain/failover/step.ts";
import { usFromMs } from "../../../../../shared/domain/time.ts";
import { groupName, shortName } from "../../../../simulation/cluster.ts";
import { b } from "../test-node.ts";
import { nowMs, type View, viewedState } from "./view.ts";

export type Signal = "time" | "started" | "failed" | "stopped" | "switchover" | "switchover to b";

const events: Readonly<Record<Signal, NodeEvent>> = {
  time: { type: "tick" },
  started: { type: "resources-started", group: groupName, epoch: 5, addresses: [] },
  failed: { type: "resources-failed", group: groupName, epoch: 5, reason: "it would not start" },
  stopped: { type: "resources-stopped", group: groupName, epoch: 5 },
  switchover: { type: "switchover", group: groupName, to: null, reason: "an operator asked for it" },
  "switchover to b": { type: "switchover", group: groupName, to: b, reason: "an operator asked for it" },
};

export const signals = Object.keys(events) as readonly Signal[];

/** What node a does about it: the state it comes to, and what it orders, in words. Heartbeats, wake-ups and writes to disk are left out. */
export function decisionOn(view: View, signal: Signal): string {
  const before = viewedState(view);
  const { state, effects } = step(before, events[signal], usFromMs(nowMs));
  const run = state.groups[groupName];
  const isSame = run?.state === view.state;
  const to =
    run?.state === "handing-over" && run.handover !== null ? ` to ${run.handover.to === null ? "nobody" : shortName(run.handover.to)}` : "";
  const orders = [...new Set(effects.flatMap(inWords))];
  return [`${isSame ? "stays" : (run?.state ?? "gone")}${to}`, ...orders].join(", ");
}

function inWords(effect: Effect): readonly string[] {
  switch (effect.type) {
    case "start-resources":
      return [`starts (epoch ${effect.epoch})`];
    case "stop-resources":
      return ["stops"];
    case "look":
      return ["looks"];
    case "report":
      return [effect.detail.kind === "quorum.restored" || effect.detail.kind === "node.silent" ? "" : `tells ${effect.detail.kind}`].filter(
        Boolean,
      );
    case "probe":
      return ["probes"];
    case "detached":
    case "released-everything":
      return ["ends"];
    case "send":
      if (effect.message.type === "lease-request") return [`asks (number ${effect.message.epoch})`];
      if (effect.message.type !== "lease-release") return [];
      return [
        `gives back${effect.message.successor === null ? "" : ` to ${shortName(effect.message.successor)}`}${effect.message.planned ? " as planned" : ""}`,
      ];
    case "hold-until":
    case "send-document":
    case "persist":
    case "wake-at":
      return [];
  }
}
