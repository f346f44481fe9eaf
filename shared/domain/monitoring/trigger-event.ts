import type { ClusterId, EventId, GroupName } from "../ids.ts";
import type { Severity } from "./cluster-event.ts";

/** What becomes of triggers. `occurrence`: its id (domain/triggers/occurrence.ts), which goes into the event's. */
export type TriggerEventDetail =
  /** An action of kind `sns`: what it says is for the subscribers. */
  | {
      readonly kind: "trigger.fired";
      readonly group: GroupName;
      readonly trigger: string;
      readonly occurrence: string;
      readonly action: string;
      readonly dueAt: string;
      readonly text: string;
    }
  /** Some of its actions were given up. */
  | {
      readonly kind: "trigger.failed";
      readonly group: GroupName;
      readonly trigger: string;
      readonly occurrence: string;
      readonly reason: string;
    }
  /** Nobody could do it at its time, and it is too late now. `count` times, the first at `from`, the last at `to`. */
  | {
      readonly kind: "trigger.missed";
      readonly group: GroupName;
      readonly trigger: string;
      readonly occurrence: string;
      readonly count: number;
      readonly isAtLeast: boolean;
      readonly from: string;
      readonly to: string;
    };

export const triggerSeverity: Readonly<Record<TriggerEventDetail["kind"], Severity>> = {
  "trigger.fired": "warning",
  "trigger.failed": "critical",
  "trigger.missed": "critical",
};

export function isTriggerEvent(detail: { readonly kind: string }): detail is TriggerEventDetail {
  return Object.hasOwn(triggerSeverity, detail.kind);
}

/** Whichever node tells it, and however often, it is one event. */
export function triggerEventId(clusterId: ClusterId, detail: TriggerEventDetail): EventId {
  const key = detail.kind === "trigger.fired" ? `${detail.occurrence}/${detail.action}` : detail.occurrence;
  return `${clusterId}/triggers/${key}/${detail.kind}` as EventId;
}

/** `here`: the reporter's name. */
export function describeTriggerEvent(detail: TriggerEventDetail, here: string): string {
  switch (detail.kind) {
    case "trigger.fired":
      return `${detail.text} (trigger ${detail.trigger}, due ${detail.dueAt}, by ${here})`;
    case "trigger.failed":
      return `trigger ${detail.trigger} of group ${detail.group} could not do all that it shall (${detail.occurrence}), by ${here}: ${detail.reason}`;
    case "trigger.missed": {
      const { count, isAtLeast, from, to } = detail;
      const often = `${isAtLeast ? "at least " : ""}${count} ${count === 1 ? "time" : "times"}`;
      return `trigger ${detail.trigger} of group ${detail.group} was missed ${often} (${from === to ? from : `${from} to ${to}`}): nobody ran the group, and it is too late now`;
    }
  }
}
