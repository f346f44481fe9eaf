import { html } from "hono/html";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { Member, MemberRole } from "../../../shared/domain/membership/members.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { csrfField } from "./shell.ts";

export interface IssuedToken {
  readonly role: MemberRole;
  /** Whom it gives another certificate; null: it enrols a new one. */
  readonly renewing: string | null;
  readonly command: string;
  readonly expiresAt: string;
}

export interface EnrolPanel {
  /** Shown this once: the cloud keeps only the token's hash. */
  readonly issued: IssuedToken | null;
  readonly hasWitness: boolean;
  readonly nodeCount: number;
  readonly members: readonly Pick<Member, "nodeId" | "name">[];
  readonly licensedNodes: number;
}

export function enrolPanel(session: Session, clusterId: ClusterId, panel: EnrolPanel): Html {
  const first = panel.nodeCount === 0;
  return html`<section class="card enrol" id="enrol" aria-labelledby="enrol-title">
    <h2 id="enrol-title">${first ? "Join the first node" : "Join a node"}</h2>
    ${panel.issued === null ? ask(session, clusterId, panel) : command(panel.issued)}
  </section>`;
}

function ask(session: Session, clusterId: ClusterId, panel: EnrolPanel): Html {
  if (!may(session, "operator")) return html`<p class="muted">An operator can make the token that a new node joins with.</p>`;
  if (panel.licensedNodes <= panel.nodeCount) {
    return html`<p>The licences of this cluster allow ${panel.licensedNodes} ${panel.licensedNodes === 1 ? "node" : "nodes"}, and it has ${panel.nodeCount}.
      <a href="#licences">Add a licence</a> first; a node that joins before is refused with the reason.</p>
      ${askForWitness(session, clusterId, panel)}
      ${askForCertificate(session, clusterId, panel)}`;
  }
  return html`<p>A join token lets one agent enrol in this cluster, once, within 15 minutes.</p>
    ${tokenForm(session, clusterId, "node", "New join token")}
    ${askForWitness(session, clusterId, panel)}
    ${askForCertificate(session, clusterId, panel)}`;
}

/** An even number of nodes is what a witness helps; one that has joined waits for that. */
function askForWitness(session: Session, clusterId: ClusterId, panel: EnrolPanel): Html {
  if (panel.hasWitness || panel.nodeCount === 0) return html``;
  return html`<p class="muted">With an even number of nodes, a witness on any further machine lets the cluster lose half of them, or the link between the halves.
      It has a vote and no data, and needs no licence.</p>
    ${tokenForm(session, clusterId, "witness", "New token for a witness")}`;
}

/** What is enrolled already stays what it is: this is no way to join. */
function askForCertificate(session: Session, clusterId: ClusterId, { members }: EnrolPanel): Html {
  if (members.length === 0) return html``;
  const whose = html`<label>Of <select name="nodeId">${members.map(({ nodeId, name }) => html`<option value="${nodeId}">${name}</option>`)}</select></label>`;
  return html`<p class="muted">Each node renews its certificate by itself. Where it has expired, or its key is lost, a token gives this very node another one.</p>
    ${tokenForm(session, clusterId, "node", "New token for a certificate", whose)}`;
}

function tokenForm(session: Session, clusterId: ClusterId, role: MemberRole, label: string, whose?: Html): Html {
  return html`<form method="post" action="/clusters/${clusterId}/join-tokens#enrol" hx-post="/clusters/${clusterId}/join-tokens" hx-target="#enrol" hx-swap="outerHTML">
      ${csrfField(session)}<input type="hidden" name="role" value="${role}">${whose ?? ""}<button type="submit"${role === "node" && whose === undefined ? "" : html` class="quiet"`}>${label}</button>
    </form>`;
}

function command(issued: IssuedToken): Html {
  if (issued.renewing !== null) {
    return html`<p>Stop the agent of ${issued.renewing}, run this there, with the file of its settings in place of agent.yaml, and start the agent again. The token is shown only now; it works once, until ${dateTime(issued.expiresAt)}.</p>
      ${commandLine(issued.command)}`;
  }
  const what = issued.role === "witness" ? "witness" : "node";
  return html`<p>Run this on the new ${what}, with the file of its settings in place of agent.yaml. The token is shown only now; it works once, until ${dateTime(issued.expiresAt)}.</p>
    ${commandLine(issued.command)}
    <p class="muted">${what === "node" ? "The node appears in the ring" : "The witness appears among the nodes"} as soon as it has joined.</p>`;
}

function commandLine(text: string): Html {
  return html`<div class="command"><code id="join-command">${text}</code>
      <button type="button" class="quiet" data-copy="join-command">Copy</button></div>`;
}
