import type { SentOccurrence } from "../../shared/domain/triggers/sent-log.ts";
import type { TriggerSource } from "../../shared/domain/triggers/trigger.ts";
import type { TriggerLine } from "../triggers/triggers-request.ts";
import { table } from "./table.ts";

export function triggerTable(triggers: readonly TriggerLine[]): string {
  const rows = triggers.flatMap(({ name, group, holderName, source, actions }) =>
    actions.map((action) => [
      name,
      group,
      holderName ?? "-",
      sourceShown(source),
      `${action.name} (${action.kind})`,
      action.problem ?? "ready",
    ]),
  );
  return table(["TRIGGER", "GROUP", "RUN BY", "SOURCE", "ACTION", "HERE"], rows);
}

/** A line for each node that did something about an occurrence. */
export function sentTable(sent: readonly SentOccurrence[]): string {
  const rows = sent.flatMap(({ id, dueMs, repeats, attempts }) =>
    attempts.map(({ node, epoch, outcome, results, missed }) => [
      new Date(dueMs).toISOString(),
      id,
      outcome === "missed" ? "-" : node.name,
      String(epoch),
      outcome,
      repeats === 0 ? "" : `one of ${repeats + 1}`,
      missed === undefined
        ? results.map(({ name, outcome: what, detail }) => `${name} ${what}: ${detail}`).join("; ")
        : `${missed.count} times since ${missed.from}`,
    ]),
  );
  return table(["DUE", "OCCURRENCE", "SERVER", "EPOCH", "OUTCOME", "REPEAT", "ACTIONS"], rows);
}

function sourceShown(source: TriggerSource): string {
  if (source.kind === "schedule") return `${source.cron} ${source.zone}`;
  return source.kind === "event" ? source.events.join(", ") : "webhook";
}
