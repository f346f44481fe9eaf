import { html } from "hono/html";
import { deviceClasses } from "../../../shared/domain/licensing/device-counts.ts";
import type { LicenceState } from "../../../shared/domain/licensing/licence-course.ts";
import type { LicenceView, ShownLicence } from "../licence-console-data.ts";
import { may, mayAsProvider, type Session } from "../session.ts";
import { badge, type Tone } from "./icons.ts";
import { devicesForm, importForm, issueForm, primaryForm, withdrawForm } from "./licence-forms.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { consolePage, type Shell } from "./shell.ts";

const toneOfState: Readonly<Record<LicenceState, Tone>> = { none: "info", valid: "ok", grace: "warn", lapsed: "bad" };
const wordOfState: Readonly<Record<LicenceState, string>> = { none: "No licence", valid: "Valid", grace: "In grace", lapsed: "Lapsed" };
const wordOfStanding: Readonly<Record<ShownLicence["standing"], string>> = {
  "not-yet-valid": "not begun",
  valid: "valid",
  grace: "in grace",
  lapsed: "lapsed",
  "set-aside": "replaced by a licence",
};
const toneOfStanding: Readonly<Record<ShownLicence["standing"], Tone>> = {
  "not-yet-valid": "info",
  valid: "ok",
  grace: "warn",
  lapsed: "bad",
  "set-aside": "unknown",
};

/** Everything about one cluster's licences: how it stands, what they cover, whom they name, and each of them. */
export function licencePage(shell: Shell, session: Session, view: LicenceView): Html {
  const { customer, clusterId, clusterName } = view;
  const operates = may(session, "operator");
  const provides = mayAsProvider(session);
  return consolePage(shell, session, {
    title: `Licences of ${clusterName}`,
    crumbs: [
      { label: "Fleet", href: "/" },
      { label: customer.name, href: `/customers/${customer.customerId}` },
      { label: clusterName, href: `/clusters/${clusterId}` },
      { label: "Licences", href: `/clusters/${clusterId}/licences` },
    ],
    content: html`${head(view)}
      <div class="columns">${coverageCard(session, view, operates)}${serversCard(session, view, operates)}</div>
      ${licencesCard(session, view, provides)}
      ${may(session, "owner") ? html`<div class="columns">${provides ? issueForm(session, view) : ""}${importForm(session, view)}</div>` : ""}`,
  });
}

function head({ standing }: LicenceView): Html {
  const { state, trial, next, usage } = standing;
  const word = trial ? `Trial: ${wordOfState[state].toLowerCase()}` : wordOfState[state];
  return html`<div class="page-head"><div>
      <h1>Licences</h1>
      <p class="health-line">${badge(toneOfState[state], word)}
        ${next === null ? "" : html`<span>until ${dateTime(next.at)}, then ${wordOfState[next.state].toLowerCase()}</span>`}
        ${usage === "within" ? "" : badge("warn", usage === "over" ? "More in use than licensed" : "Nine tenths in use")}</p>
      <ul class="problems">${standing.consequences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    </div></div>`;
}

function coverageCard(session: Session, { clusterId, standing }: LicenceView, mayChange: boolean): Html {
  const { nodes, users } = standing;
  const counts = Object.entries(deviceClasses).map(
    ([name, words]) => html`<div><dt>${words}</dt><dd>${users.declared[name as keyof typeof deviceClasses]}</dd></div>`,
  );
  return html`<section class="card" id="coverage" aria-labelledby="coverage-title"><h2 id="coverage-title">What they cover</h2>
    <p>${nodes.used} of ${nodes.licensed} nodes; ${users.required} of ${users.licensed} users and devices.</p>
    ${users.licensed === 0 ? "" : html`<meter min="0" max="${users.licensed}" high="${users.licensed * 0.9}" value="${users.required}" aria-label="Users and devices in use"></meter>`}
    ${mayChange ? devicesForm(session, clusterId, users.declared) : html`<dl class="facts number">${counts}</dl>`}
  </section>`;
}

function serversCard(session: Session, { clusterId, standing }: LicenceView, mayChange: boolean): Html {
  const rows = standing.members.map((member) => {
    const settable = mayChange && member.role === "secondary" && member.roleFixedBy === null;
    return html`<tr><th scope="row" data-label="Server">${member.name}<span class="sub number">${member.hardwareAddresses.join(", ")}</span></th>
      <td data-label="Role">${member.role}<span class="sub">${member.roleFixedBy === null ? "a setting" : "fixed by a licence"}</span></td>
      <td data-label="May">${member.entitlements.map((entitlement) => html`<span class="sub">${entitlement}</span>`)}
        ${settable ? primaryForm(session, clusterId, member) : ""}</td></tr>`;
  });
  return html`<section class="card flush" id="servers" aria-labelledby="servers-title"><h2 id="servers-title">Servers</h2>
    ${
      rows.length === 0
        ? html`<p class="row-note">No node has joined yet.</p>`
        : html`<div class="table-scroll"><table class="rows"><thead><tr><th scope="col">Server</th><th scope="col">Role</th><th scope="col">May</th></tr></thead>
          <tbody>${rows}</tbody></table></div>`
    }
  </section>`;
}

function licencesCard(session: Session, view: LicenceView, mayChange: boolean): Html {
  const rows = view.licences.map((shown) => licenceRow(session, view, shown, mayChange));
  return html`<section class="card flush" id="list" aria-labelledby="list-title"><h2 id="list-title">Each licence</h2>
    ${
      rows.length === 0
        ? html`<p class="row-note">There is none yet.</p>`
        : html`<div class="table-scroll"><table class="rows"><thead><tr>
            <th scope="col">Licence</th><th scope="col">Standing</th><th scope="col">Covers</th><th scope="col">Valid</th><th scope="col">File</th>
          </tr></thead><tbody>${rows}</tbody></table></div>`
    }
  </section>`;
}

function licenceRow(session: Session, { clusterId }: LicenceView, { licence, standing }: ShownLicence, mayChange: boolean): Html {
  const { licenceId, nodes, users = 0, members = [], partNumber } = licence;
  const named = members.map(({ hardwareAddress, role }) => html`<span class="sub number">${role}: ${hardwareAddress}</span>`);
  return html`<tr id="${licenceId}"><th scope="row" data-label="Licence">${licence.trial === true ? "Trial" : licenceId}
      ${partNumber === undefined ? "" : html`<span class="sub">${partNumber}</span>`}</th>
    <td data-label="Standing">${badge(toneOfStanding[standing], wordOfStanding[standing])}</td>
    <td data-label="Covers" class="number">${nodes} ${nodes === 1 ? "node" : "nodes"}, ${users} users${named}</td>
    <td data-label="Valid" class="number">${dateTime(licence.validFrom)}<span class="sub">until ${dateTime(licence.validUntil)}, then ${licence.graceDays} days of grace</span></td>
    <td data-label="File"><a href="/clusters/${clusterId}/licences/${licenceId}/file" download>Download</a>
      ${mayChange ? withdrawForm(session, clusterId, licenceId) : ""}</td></tr>`;
}
