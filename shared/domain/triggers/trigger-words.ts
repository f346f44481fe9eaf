import type { TriggerAction, TriggerSource } from "./trigger.ts";

/** What sets a trigger off, for people. */
export function sourceWords(source: TriggerSource): string {
  switch (source.kind) {
    case "schedule":
      return `the schedule ${source.cron} (${source.zone})`;
    case "webhook":
      return "a request with its token";
    case "event":
      return `the ${source.events.length === 1 ? "event" : "events"} ${source.events.join(", ")}`;
  }
}

/** What is done then, and where it goes, for people. */
export function actionWords(action: TriggerAction): string {
  switch (action.kind) {
    case "webhook":
      return `${action.name}: a request to ${action.url}`;
    case "sns":
      return `${action.name}: an alert to the subscribers`;
    case "email":
      return `${action.name}: mail to ${action.to.join(", ")}`;
    case "udp-multicast":
      return `${action.name}: multicast to ${action.address}:${action.port}`;
    case "command":
      return `${action.name}: the command ${action.command} of the node's own settings`;
  }
}
