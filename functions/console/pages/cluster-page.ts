import { html } from "hono/html";
import { membersOf } from "../../../shared/domain/membership/members.ts";
import { nameOfTiming } from "../../../shared/domain/membership/timing-profile.ts";
import { type ClusterStatus, clusterStatus } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { EventPage } from "../../store/event-store.ts";
import type { StoredLicence } from "../../store/licence-store.ts";
import type { ApprovalStanding } from "../../use-cases/approvals.ts";
import type { OpenToken } from "../../use-cases/join-tokens.ts";
import type { ObservedCluster } from "../console-data.ts";
import { ringLegend, ringPicture } from "../pictures/ring-picture.ts";
import { may, type Session } from "../session.ts";
import { approvalPanel } from "./approval-panel.ts";
import { cloudWitnessPanel } from "./cloud-witness-panel.ts";
import { conflictsPanel } from "./conflicts-panel.ts";
import { delegationPanel } from "./delegation-panel.ts";
import { type EnrolPanel, enrolPanel } from "./enrol-panel.ts";
import { type FileTreeAnswer, fileTreesPanel } from "./file-trees-panel.ts";
import { groupOrderPanel } from "./group-order-panel.ts";
import { groupsList } from "./groups-list.ts";
import { badge, toneOfHealth, wordOfHealth } from "./icons.ts";
import { joinTokensPanel } from "./join-tokens-panel.ts";
import { licencePanel } from "./licence-panel.ts";
import type { Html } from "./markup.ts";
import { dateTime, duration } from "./moment.ts";
import { nodesTable } from "./nodes-table.ts";
import { preflightTable } from "./preflight-table.ts";
import { ringAlarmsTable } from "./ring-alarms-table.ts";
import { settingsPanel } from "./settings-panel.ts";
import { consolePage, type Shell } from "./shell.ts";
import { timeline } from "./timeline.ts";

import { whenAlonePanel } from "./when-alone-panel.ts";

export interface ClusterView {
  readonly observed: ObservedCluster;
  readonly events: EventPage;
  /** Where the events' page begins; null for the newest, which alone is live. */
  readonly from: string | null;
}

export function clusterPage(
  shell: Shell,
  session: Session,
  view: ClusterView,
  below: {
    readonly enrol: EnrolPanel;
    readonly approval: ApprovalStanding;
    readonly tokens: readonly OpenToken[];
    readonly licences: readonly StoredLicence[];
    readonly fileTree: FileTreeAnswer | null;
  },
): Html {
  const { customer, observation } = view.observed;
  const { clusterId, name } = observation.document;
  const query = view.from === null ? "" : `?from=${encodeURIComponent(view.from)}`;
  return consolePage(shell, session, {
    title: name,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: `/customers/${customer.customerId}` },
      { label: name, href: `/clusters/${clusterId}` },
    ],
    content: html`<div id="live" data-live hx-get="/clusters/${clusterId}/live${query}" hx-trigger="every 1s" hx-swap="innerMorph" hx-sync="this:drop">
        ${clusterLive(view, session)}
      </div>
      <div class="columns below">
        ${approvalPanel(below.approval)}
        ${enrolPanel(session, clusterId, below.enrol)}
        ${joinTokensPanel(session, clusterId, below.tokens)}
        ${whenAlonePanel(session, observation.document)}
        ${cloudWitnessPanel(session, observation.document)}
        ${groupOrderPanel(session, observation.document)}
        ${conflictsPanel(session, observation.document)}
        ${fileTreesPanel(session, observation.document, below.fileTree)}
        ${delegationPanel(observation.document)}
        ${settingsPanel(observation.document)}
        ${licencePanel(session, clusterId, below.licences, observation.document.nodes.length)}
      </div>`,
  });
}

/** The part that is asked for again every second. */
export function clusterLive(view: ClusterView, session: Session): Html {
  const { observation } = view.observed;
  const { document } = observation;
  const status = clusterStatus(observation);
  const head = clusterHead(status, view, may(session, "operator"));
  if (document.nodes.length === 0) return head;
  return html`${head}
    <div class="columns picture-columns">
      <section class="card" aria-labelledby="ring-heading"><h2 id="ring-heading">Ring</h2>
        ${ringPicture(status)}${status.ring.length === 0 ? "" : ringLegend()}</section>
      <section class="card timeline-card" id="timeline" aria-labelledby="timeline-title">
        <h2 id="timeline-title">Timeline</h2>
        ${timeline(view.events, membersOf(document), { clusterId: document.clusterId, from: view.from })}
      </section>
    </div>
    <section class="card flush" aria-labelledby="nodes-title"><h2 id="nodes-title">Nodes</h2>${nodesTable(status, view.observed)}</section>
    ${ringAlarmsTable(status.nodes)}
    ${preflightTable(observation)}
    <section class="card" aria-labelledby="groups-title"><h2 id="groups-title">Priority groups</h2>${groupsList(status.groups, document.groups)}</section>`;
}

function clusterHead(status: ClusterStatus, { observed }: ClusterView, operates: boolean): Html {
  const { document } = observed.observation;
  const others = status.problems.slice(1);
  return html`<div class="page-head">
    <div>
      <h1>${document.name}</h1>
      <p class="health-line">${badge(toneOfHealth[status.health], wordOfHealth[status.health])}
        <span>${status.reason}</span>${status.since === null ? "" : html`<span class="muted number">${duration(status.since)}</span>`}</p>
      ${others.length === 0 ? "" : html`<ul class="problems">${others.map((problem) => html`<li>${problem.text}</li>`)}</ul>`}
    </div>
    <dl class="facts number">
      <div><dt>Availability</dt><dd><a href="/clusters/${document.clusterId}/availability">this month</a></dd></div>
      <div><dt>Alerts</dt><dd><a href="/clusters/${document.clusterId}/alerts">Incidents</a></dd></div>
      <div><dt>Triggers</dt><dd><a href="/clusters/${document.clusterId}/triggers">${document.triggers?.length ?? 0}</a></dd></div>
      ${operates ? html`<div><dt>Names, addresses</dt><dd><a href="/clusters/${document.clusterId}/changes">Changes</a></dd></div>` : ""}
      <div><dt>Nodes</dt><dd>${document.nodes.length}</dd></div>
      <div><dt>Timing</dt><dd>${nameOfTiming(document.timing)}</dd></div>
      <div><dt>Document</dt><dd title="changed ${document.issuedAt}">version ${document.version}</dd></div>
      <div><dt>Changed</dt><dd>${dateTime(document.issuedAt)}</dd></div>
    </dl>
  </div>`;
}
