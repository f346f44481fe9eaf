import type { GroupName } from "../../../shared/domain/ids.ts";
import type { Trigger, TriggerAction } from "../../../shared/domain/triggers/trigger.ts";

export function webhookAction(url: string): Extract<TriggerAction, { kind: "webhook" }> {
  return { kind: "webhook", name: "tell", url };
}

export function trigger(action: TriggerAction): Trigger {
  return {
    name: "nightly",
    group: "default" as GroupName,
    log: "triggers-default",
    since: "2026-11-01T00:00:00.000Z",
    source: { kind: "schedule", cron: "0 3 * * *", zone: "Europe/Vienna" },
    actions: [action],
    late: { withinSeconds: 3_600, atMost: 10 },
    keptDays: 90,
  };
}
