import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { TriggerAction, TriggerSource } from "../../../shared/domain/triggers/trigger.ts";
import type { Session } from "../session.ts";
import { type ActionField, actionField, rows } from "../trigger-form.ts";
import type { Html } from "./markup.ts";
import { csrfField } from "./shell.ts";

const sourceNames: Readonly<Record<TriggerSource["kind"], string>> = {
  schedule: "a schedule",
  webhook: "a request with its token",
  event: "events of the node that runs the group",
};
const actionNames: Readonly<Record<TriggerAction["kind"], string>> = {
  webhook: "request (POST)",
  sns: "alert to the subscribers",
  email: "mail",
  "udp-multicast": "UDP multicast",
  command: "command of the node's own settings",
};
const first: Readonly<Record<string, string>> = { zone: "UTC", withinSeconds: "3600", atMost: "100", keptDays: "90" };

type Values = Readonly<Record<string, string>>;

/** Declares a trigger, or changes the one of that name. `values`: what is filled in. */
export function triggerForm(session: Session, { clusterId, groups, version }: ClusterDocument, values: Values): Html {
  const typed = (field: string): string => values[field] ?? first[field] ?? "";
  const number = (field: string, min: number, max: number): Html =>
    html`<input type="number" name="${field}" min="${min}" max="${max}" value="${typed(field)}" required>`;
  return html`<section class="card" id="declare" aria-labelledby="declare-title"><h2 id="declare-title">Declare a trigger</h2>
    <p class="muted">A new one, or one of those above, to change it. What goes where each node's own settings say: hosts of requests, the mail server, the commands.</p>
    <form method="post" action="/clusters/${clusterId}/triggers">${csrfField(session)}
      <input type="hidden" name="version" value="${version}">
      <label>Name <input name="name" value="${typed("name")}" required maxlength="${limits.nameLengthMax}" autocomplete="off"></label>
      <label>Group <select name="group">${options(
        groups.map(({ name }) => [name, name]),
        typed("group"),
      )}</select></label>
      <label>Set off by <select name="source">${options(Object.entries(sourceNames), typed("source"))}</select></label>
      <label>Schedule <input name="cron" value="${typed("cron")}" maxlength="200" autocomplete="off" placeholder="30 2 * * *" aria-describedby="cron-hint"></label>
      <small id="cron-hint">Of a schedule: minute, hour, day, month, weekday; six fields begin with the seconds.</small>
      <label>Time zone <input name="zone" value="${typed("zone")}" maxlength="64" autocomplete="off"></label>
      <label>Events <input name="events" value="${typed("events")}" maxlength="1000" autocomplete="off" placeholder="group.takeover" aria-describedby="events-hint"></label>
      <small id="events-hint">Their kinds, separated by commas.</small>
      <label>Still done, if late, within seconds ${number("withinSeconds", 0, 86_400)}</label>
      <label>Of those the newest ${number("atMost", 1, limits.triggerLateMax)}</label>
      <label>Kept in the log for days ${number("keptDays", 2, 366)}</label>
      ${rows(rowsShown(values)).map((index) => actionRow(index, values))}
      <button type="submit" name="step" value="check" class="quiet">Check only</button>
      <button type="submit" name="step" value="change">Declare</button>
    </form></section>`;
}

/** Those that are filled in, and one more. */
function rowsShown(values: Values): number {
  const filled = rows(limits.actionsPerTriggerMax).filter((index) => (values[actionField(index, "Name")] ?? "") !== "");
  return Math.min(limits.actionsPerTriggerMax, (filled.at(-1) ?? 0) + 2);
}

function actionRow(index: number, values: Values): Html {
  const typed = (field: ActionField): string => values[actionField(index, field)] ?? "";
  return html`<fieldset><legend>Action ${index + 1}</legend>
      <label>Name <input name="${actionField(index, "Name")}" value="${typed("Name")}" maxlength="${limits.nameLengthMax}" autocomplete="off"></label>
      <label>What <select name="${actionField(index, "Kind")}">${options(Object.entries(actionNames), typed("Kind"))}</select></label>
      <label>To <input name="${actionField(index, "To")}" value="${typed("To")}" maxlength="5200" autocomplete="off" placeholder="URL, mail addresses, 239.1.1.1:5000, or the command's name"></label>
      <label>Subject of a mail <input name="${actionField(index, "Subject")}" value="${typed("Subject")}" maxlength="200" autocomplete="off"></label>
      <label>Text of an alert, mail or multicast <textarea name="${actionField(index, "Text")}" rows="2" maxlength="${limits.triggerTextCharactersMax}">${typed("Text")}</textarea></label>
      <label>Routers that a multicast may pass, and one <input type="number" name="${actionField(index, "Ttl")}" min="1" max="${limits.triggerMulticastTtlMax}" value="${typed("Ttl") || "1"}"></label>
    </fieldset>`;
}

function options(named: readonly (readonly [string, string])[], chosen: string): readonly Html[] {
  return named.map(([value, word]) => html`<option value="${value}"${value === chosen ? html` selected` : ""}>${word}</option>`);
}
