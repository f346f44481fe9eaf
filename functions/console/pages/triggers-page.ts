import { html } from "hono/html";
import { membersOf } from "../../../shared/domain/membership/members.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { describeEvent } from "../../../shared/domain/monitoring/describe-event.ts";
import { nameOfNode } from "../../../shared/domain/monitoring/observation.ts";
import type { AttemptOutcome } from "../../../shared/domain/triggers/sent-log.ts";
import type { TriggerRun } from "../../../shared/domain/triggers/trigger-run.ts";
import { actionWords, sourceWords } from "../../../shared/domain/triggers/trigger-words.ts";
import type { ShownTrigger } from "../../use-cases/read-triggers.ts";
import { may, type Session } from "../session.ts";
import type { TriggersView } from "../trigger-console-data.ts";
import { badge, type Tone } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";
import { triggerForm } from "./trigger-fields.ts";

/** What fills the form: a trigger that is to be changed, or what was typed, with what came of it. */
export type TriggerAnswer = { readonly values: Readonly<Record<string, string>> } & (
  | { readonly kind: "filled" }
  | { readonly kind: "checked"; readonly consequences: readonly string[] }
  | { readonly kind: "refused"; readonly problem: string }
);

const toneOfOutcome: Readonly<Record<AttemptOutcome, Tone>> = {
  done: "ok",
  failed: "bad",
  begun: "info",
  unknown: "unknown",
  missed: "bad",
};
const wordOfOutcome: Readonly<Record<AttemptOutcome, string>> = {
  done: "Done",
  failed: "Failed",
  begun: "Begun",
  unknown: "Unknown",
  missed: "Missed",
};

/** What the cluster does when something occurs: what comes next, what came of it last, and the form that changes it. */
export function triggersPage(shell: Shell, session: Session, view: TriggersView, answer: TriggerAnswer | null): Html {
  const { customer, document, triggers, told } = view;
  const here = `/clusters/${document.clusterId}`;
  return consolePage(shell, session, {
    title: `Triggers of ${document.name}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: `/customers/${customer.customerId}` },
      { label: document.name, href: here },
      { label: "Triggers", href: `${here}/triggers` },
    ],
    content: html`<div class="page-head"><div><h1>Triggers</h1>
        <p class="muted">Whoever runs a trigger's group does its actions, at least once, each occurrence under one id.</p></div></div>
      ${answer === null ? "" : notice(answer)}
      <section class="card flush" aria-label="Triggers"><div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Trigger</th><th scope="col">Set off by</th><th scope="col">Actions</th><th scope="col">Next</th><th scope="col">Last</th>${may(session, "operator") ? html`<th scope="col">Change</th>` : ""}</tr></thead>
        <tbody>${triggers.map((trigger) => triggerRow(session, view, trigger))}</tbody>
      </table></div>
      ${triggers.length === 0 ? html`<div class="empty"><h2>There is none yet</h2></div>` : ""}</section>
      ${toldSection(view, told)}
      ${may(session, "operator") && document.groups.length > 0 ? triggerForm(session, document, answer?.values ?? {}) : ""}`,
  });
}

function notice(answer: TriggerAnswer): Html {
  switch (answer.kind) {
    case "refused":
      return html`<p class="notice notice-bad" role="alert">${answer.problem}</p>`;
    case "checked":
      return html`<div class="notice" role="status"><p>Nothing has been changed yet. What would follow:</p>
        <ul class="plain">${answer.consequences.length === 0 ? html`<li>nothing</li>` : answer.consequences.map((one) => html`<li>${one}</li>`)}</ul></div>`;
    case "filled":
      return html``;
  }
}

function triggerRow(session: Session, { document }: TriggersView, trigger: ShownTrigger): Html {
  const { name, group, source, actions, next, runs, late, keptDays } = trigger;
  return html`<tr id="trigger-${name}">
    <th scope="row" data-label="Trigger">${name}<span class="sub">by whoever runs ${group}; kept for ${keptDays} days</span></th>
    <td data-label="Set off by">${sourceShown(source)}${source.kind === "schedule" ? html`<span class="sub">late: the newest ${late.atMost} within ${late.withinSeconds} s</span>` : ""}</td>
    <td data-label="Actions"><ul class="plain">${actions.map((action) => html`<li>${actionWords(action)}</li>`)}</ul></td>
    <td data-label="Next" class="number">${next.length === 0 ? html`<span class="muted">–</span>` : html`<ul class="plain">${next.map((at) => html`<li>${dateTime(at)}</li>`)}</ul>`}</td>
    <td data-label="Last">${runs.length === 0 ? html`<span class="muted">nothing told yet</span>` : html`<ul class="plain">${runs.map(runItem)}</ul>`}</td>
    ${
      may(session, "operator")
        ? html`<td data-label="Change"><a href="/clusters/${document.clusterId}/triggers?change=${name}#declare">Change</a>
      <details><summary>Remove</summary><form method="post" action="/clusters/${document.clusterId}/triggers/removal" class="inline-form">${csrfField(session)}
        <input type="hidden" name="name" value="${name}"><input type="hidden" name="version" value="${document.version}">
        <button type="submit" name="step" value="check" class="quiet">Check only</button>
        <button type="submit" name="step" value="change" aria-label="Remove ${name}">Remove</button></form></details></td>`
        : ""
    }
  </tr>`;
}

function sourceShown(source: ShownTrigger["source"]): Html {
  if (source.kind !== "webhook") return html`${sourceWords(source)}`;
  return html`${sourceWords(source)}<span class="sub">${source.hasToken ? "a token was made" : "no token was made yet, so nobody is let in: POST its /token in the API"}</span>`;
}

function runItem({ occurrence, dueMs, outcome, servers, repeats }: TriggerRun): Html {
  return html`<li title="${occurrence}">${badge(toneOfOutcome[outcome], wordOfOutcome[outcome])} <span class="number">${dateTime(new Date(dueMs).toISOString())}</span>
    <span class="sub">${outcome === "missed" ? "by nobody" : `by ${servers.join(", ")}`}${repeats === 0 ? "" : `, ${repeats} ${repeats === 1 ? "repeat" : "repeats"} under the same id`}</span></li>`;
}

function toldSection({ document }: TriggersView, told: readonly ClusterEvent[]): Html {
  const members = membersOf(document);
  return html`<section class="card" aria-labelledby="told-title"><h2 id="told-title">What the nodes have told</h2>
    <p class="muted">Alerts, failures and what was missed, of the cluster's newest events. All that was sent stands in the log that every node keeps: understudy agent triggers log.</p>
    ${
      told.length === 0
        ? html`<p class="sub">nothing yet</p>`
        : html`<ul class="plain">${told.map((event) => html`<li><span class="number">${dateTime(event.at)}</span> ${describeEvent(event.detail, event.reporter, (node) => nameOfNode(members, node))}</li>`)}</ul>`
    }</section>`;
}
