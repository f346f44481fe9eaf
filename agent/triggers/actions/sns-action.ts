import { setTimeout as sleep } from "node:timers/promises";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { triggerEventId } from "../../../shared/domain/monitoring/trigger-event.ts";
import type { SnsAction } from "../../../shared/domain/triggers/trigger.ts";
import type { Told } from "./told.ts";

const patienceMs = 10_000;
const lookEveryMs = 100;

export interface SnsPorts {
  readonly record: (detail: EventDetail) => void;
  /** Whether an event still waits for the control plane. */
  readonly isWaiting: (eventId: string) => boolean;
}

/** An event for the customer's subscribers. Done is what the control plane has stored; by its id it tells a repeat, and publishes it once. */
export async function tellSubscribers({ name, text }: SnsAction, told: Told, ports: SnsPorts, signal: AbortSignal): Promise<string> {
  const { trigger, occurrence, dueAt } = told;
  const detail = { kind: "trigger.fired" as const, group: told.group, trigger, occurrence, action: name, dueAt, text };
  const id = triggerEventId(told.cluster, detail);
  ports.record(detail);
  for (let waitedMs = 0; ports.isWaiting(id); waitedMs += lookEveryMs) {
    if (waitedMs >= patienceMs) throw new Error("the control plane has not taken it yet; it goes there as soon as it can");
    await sleep(lookEveryMs, undefined, { signal, ref: false });
  }
  return "taken by the control plane";
}
