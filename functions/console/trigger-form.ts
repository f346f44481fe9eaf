import { limits } from "../../shared/config/limits.ts";
import type { TriggerAction } from "../../shared/domain/triggers/trigger.ts";
import { putTriggerSchema } from "../../shared/protocol/trigger-schema.ts";
import type { DeclaredTrigger } from "../use-cases/change-trigger.ts";
import type { ShownTrigger } from "../use-cases/read-triggers.ts";
import { checked, namesIn } from "./form-fields.ts";

type Fields = Readonly<Record<string, string>>;

/** Each action's fields are numbered from 0. */
export const actionFields = ["Name", "Kind", "To", "Ttl", "Subject", "Text"] as const;
export type ActionField = (typeof actionFields)[number];

export function actionField(index: number, field: ActionField): string {
  return `action${index}${field}`;
}

/** What the form says, or a refusal with every problem. An action without a name is none. */
export function declaredIn(fields: Fields): DeclaredTrigger {
  return checked(putTriggerSchema, {
    group: fields["group"],
    source: sourceIn(fields),
    actions: rows(limits.actionsPerTriggerMax).flatMap((index) => actionIn((field) => fields[actionField(index, field)]?.trim() ?? "")),
    late: { withinSeconds: numberIn(fields["withinSeconds"]), atMost: numberIn(fields["atMost"]) },
    keptDays: numberIn(fields["keptDays"]),
  });
}

function sourceIn(fields: Fields): unknown {
  const kind = fields["source"];
  if (kind === "schedule") return { kind, cron: fields["cron"]?.trim(), zone: fields["zone"]?.trim() };
  return kind === "event" ? { kind, events: namesIn(fields["events"]) } : { kind };
}

function actionIn(field: (name: ActionField) => string): readonly unknown[] {
  const [name, kind, to] = [field("Name"), field("Kind"), field("To")];
  if (name === "") return [];
  switch (kind) {
    case "webhook":
      return [{ kind, name, url: to }];
    case "sns":
      return [{ kind, name, text: field("Text") }];
    case "email":
      return [{ kind, name, to: namesIn(to), subject: field("Subject"), text: field("Text") }];
    case "udp-multicast": {
      const [address, port] = to.split(":");
      return [{ kind, name, address, port: numberIn(port), ttl: numberIn(field("Ttl") || "1"), text: field("Text") }];
    }
    default:
      return [{ kind, name, command: to }];
  }
}

/** Not 0 for nothing: then the schema says what is wrong. */
function numberIn(text: string | undefined): number {
  return text === undefined || text.trim() === "" ? Number.NaN : Number(text);
}

export function rows(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The form's fields as a trigger fills them. */
export function fieldsOfTrigger({ name, group, source, actions, late, keptDays }: ShownTrigger): Fields {
  return {
    name,
    group,
    source: source.kind,
    ...(source.kind === "schedule" ? { cron: source.cron, zone: source.zone } : {}),
    ...(source.kind === "event" ? { events: source.events.join(", ") } : {}),
    withinSeconds: String(late.withinSeconds),
    atMost: String(late.atMost),
    keptDays: String(keptDays),
    ...Object.fromEntries(
      actions.flatMap((action, index) => Object.entries(fieldsOfAction(action)).map(([field, value]) => [`action${index}${field}`, value])),
    ),
  };
}

function fieldsOfAction(action: TriggerAction): Partial<Readonly<Record<ActionField, string>>> {
  const common = { Name: action.name, Kind: action.kind };
  switch (action.kind) {
    case "webhook":
      return { ...common, To: action.url };
    case "sns":
      return { ...common, Text: action.text };
    case "email":
      return { ...common, To: action.to.join(", "), Subject: action.subject, Text: action.text };
    case "udp-multicast":
      return { ...common, To: `${action.address}:${action.port}`, Ttl: String(action.ttl), Text: action.text };
    case "command":
      return { ...common, To: action.command };
  }
}
