import { html } from "hono/html";
import type { ClusterDocument, ClusterNode, Witness } from "../../../shared/domain/membership/cluster-document.ts";
import type { ObservedCluster } from "../console-data.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { consolePage, csrfField, type Shell } from "./shell.ts";

/** What came of a form that was sent: refused, or what would follow, with what was sent. */
export type ClusterChangeAnswer =
  | { readonly kind: "refused"; readonly problem: string }
  | { readonly kind: "checked"; readonly consequences: readonly string[]; readonly fields: Readonly<Record<string, string>> };

/** Of what a form holds, that which it is sent again with. */
const sentAgain = ["what", "version", "name", "host", "nodeId", "ring", "group", "dataSet"];

export function clusterChangesPage(
  shell: Shell,
  session: Session,
  { customer, observation: { document } }: ObservedCluster,
  answer: ClusterChangeAnswer | null,
): Html {
  const { clusterId, name } = document;
  return consolePage(shell, session, {
    title: `Changes of ${name}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: `/customers/${customer.customerId}` },
      { label: name, href: `/clusters/${clusterId}` },
      { label: "Changes", href: `/clusters/${clusterId}/changes` },
    ],
    content: html`<div class="page-head"><div><h1>Changes</h1>
        <p class="muted">No process starts anew for any of them. Each says first what would follow, and is done when you confirm it.</p></div></div>
      ${answer === null ? "" : answerCard(session, document, answer)}
      <div class="columns">
        ${nameCard(session, document)}
        ${document.nodes.map((node) => memberCard(session, document, node))}
        ${document.witness === undefined ? "" : memberCard(session, document, document.witness)}
        ${ringCard(session, document)}
        ${removalsCard(session, document)}
      </div>
      ${may(session, "owner") ? html`<p><a href="/clusters/${clusterId}/removal">Remove this cluster</a></p>` : ""}`,
  });
}

function answerCard(session: Session, document: ClusterDocument, answer: ClusterChangeAnswer): Html {
  if (answer.kind === "refused") return html`<p class="notice notice-bad" role="alert">${answer.problem}</p>`;
  const { consequences, fields } = answer;
  if (consequences.length === 0) return html`<p class="notice" role="status">That is so already: nothing would change.</p>`;
  const again = Object.entries(fields).filter(([field]) => sentAgain.includes(field));
  return html`<section class="card" aria-labelledby="follows-title"><h2 id="follows-title">Nothing has been changed yet. What would follow</h2>
    <ul class="problems">${consequences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <form method="post" action="/clusters/${document.clusterId}/changes">${csrfField(session)}
      ${again.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
      <button type="submit" name="step" value="change">Do it</button> <a href="/clusters/${document.clusterId}/changes">Leave it as it is</a>
    </form></section>`;
}

/** A form that asks what would follow. */
function asking(session: Session, { clusterId, version }: ClusterDocument, what: string, fields: Html): Html {
  return html`<form method="post" action="/clusters/${clusterId}/changes">${csrfField(session)}
      <input type="hidden" name="version" value="${version}"><input type="hidden" name="what" value="${what}">
      ${fields}</form>`;
}

const ask = html`<button type="submit" name="step" value="check" class="quiet">See what would follow</button>`;

function nameCard(session: Session, document: ClusterDocument): Html {
  return html`<section class="card" aria-labelledby="name-title"><h2 id="name-title">Name of the cluster</h2>
    ${asking(session, document, "cluster", html`<label>Name <input name="name" value="${document.name}" required maxlength="64" autocomplete="off"></label>${ask}`)}</section>`;
}

function memberCard(session: Session, document: ClusterDocument, member: ClusterNode | Witness): Html {
  const { nodeId, name } = member;
  const host = "host" in member ? member.host : null;
  const id = html`<input type="hidden" name="nodeId" value="${nodeId}">`;
  const address =
    host === null
      ? html`<input type="hidden" name="host" value="">`
      : html`<label>Address <input name="host" value="${host}" required maxlength="253" autocomplete="off" aria-describedby="host-${nodeId}"></label>
        <small id="host-${nodeId}">Where the others reach it. Its machine must have the new one before.</small>`;
  return html`<section class="card" aria-labelledby="member-${nodeId}"><h2 id="member-${nodeId}">${name}</h2>
    ${asking(session, document, "node", html`${id}<label>Name <input name="name" value="${name}" required maxlength="64" autocomplete="off"></label>${address}${ask}`)}
    ${asking(session, document, "remove-node", html`${id}<button type="submit" name="step" value="check" class="quiet" aria-label="Remove ${name}: see what would follow">Remove it</button>`)}
  </section>`;
}

/** Each node one place further on: any order can be had by that, a step at a time. */
function ringCard(session: Session, document: ClusterDocument): Html {
  const { nodes } = document;
  if (nodes.length < 3) return html``;
  const swapped = (at: number): string => {
    const ids: string[] = nodes.map(({ nodeId }) => nodeId);
    const next = (at + 1) % ids.length;
    [ids[at], ids[next]] = [ids[next] ?? "", ids[at] ?? ""];
    return ids.join(",");
  };
  return html`<section class="card" aria-labelledby="ring-title"><h2 id="ring-title">Order of the ring</h2>
    <p class="muted">Each node sends what is written to the one after it.</p>
    <ol>${nodes.map(
      ({ name }, at) =>
        html`<li>${name} ${asking(session, document, "ring", html`<input type="hidden" name="ring" value="${swapped(at)}"><button type="submit" name="step" value="check" class="quiet" aria-label="Swap ${name} with the node after it: see what would follow">Swap with the next</button>`)}</li>`,
    )}</ol></section>`;
}

/** Not offered: the group that every cluster has, and applications' own databases. */
function removalsCard(session: Session, document: ClusterDocument): Html {
  const groups = document.groups.filter(({ name }) => name !== "default");
  const dataSets = document.dataSets.filter(({ kind }) => kind !== "sqlite");
  if (groups.length === 0 && dataSets.length === 0) return html``;
  const row = (what: string, field: string, name: string, word: string): Html =>
    html`<li>${word} <span class="chip">${name}</span> ${asking(session, document, what, html`<input type="hidden" name="${field}" value="${name}"><button type="submit" name="step" value="check" class="quiet" aria-label="Take ${word} ${name} away: see what would follow">Take it away</button>`)}</li>`;
  return html`<section class="card" aria-labelledby="away-title"><h2 id="away-title">Groups and data sets</h2>
    <ul class="plain">${groups.map(({ name }) => row("remove-group", "group", name, "group"))}${dataSets.map(({ name }) => row("remove-data-set", "dataSet", name, "data set"))}</ul></section>`;
}
