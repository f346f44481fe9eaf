import { html } from "hono/html";
import { limits } from "../../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { type DeviceCounts, deviceClasses } from "../../../shared/domain/licensing/device-counts.ts";
import type { LicenceView } from "../licence-console-data.ts";
import type { Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { csrfField } from "./shell.ts";

/** The sizes in which they are sold; over the API a licence may have any. */
const packs = [0, 64, 256, 512];

export function devicesForm(session: Session, clusterId: ClusterId, declared: DeviceCounts): Html {
  const fields = Object.entries(deviceClasses).map(
    ([name, words]) => html`<label>${words.charAt(0).toUpperCase() + words.slice(1)}
      <input type="number" name="${name}" min="0" max="${limits.devicesPerClassMax}" value="${declared[name as keyof DeviceCounts]}" required></label>`,
  );
  return html`<form method="post" action="/clusters/${clusterId}/licences/devices">${csrfField(session)}
      ${fields}
      <button type="submit" class="quiet">Declare</button>
    </form>`;
}

export function primaryForm(
  session: Session,
  clusterId: ClusterId,
  { nodeId, name }: { readonly nodeId: NodeId; readonly name: string },
): Html {
  return html`<form method="post" action="/clusters/${clusterId}/licences/primary">${csrfField(session)}
      <input type="hidden" name="nodeId" value="${nodeId}">
      <button type="submit" class="quiet" aria-label="Make ${name} the primary">Make it the primary</button>
    </form>`;
}

export function withdrawForm(session: Session, clusterId: ClusterId, licenceId: string): Html {
  return html`<details><summary>Withdraw</summary>
      <form method="post" action="/clusters/${clusterId}/licences/withdraw">${csrfField(session)}
        <p class="sub">What it covers goes on. It cannot be imported again.</p>
        <input type="hidden" name="licenceId" value="${licenceId}">
        <button type="submit" class="quiet" aria-label="Withdraw licence ${licenceId}">Withdraw it</button>
      </form></details>`;
}

export function issueForm(session: Session, { clusterId, standing }: LicenceView): Html {
  const here = `/clusters/${clusterId}/licences`;
  return html`<section class="card" id="issue" aria-labelledby="issue-title"><h2 id="issue-title">Issue a licence</h2>
      <p class="muted">It adds to those that the cluster has.</p>
      <form method="post" action="${here}/issue">${csrfField(session)}
        <label>Nodes <input type="number" name="nodes" min="1" max="${limits.nodesPerClusterMax}" value="${Math.max(2, standing.nodes.used)}" required></label>
        <label>Users and devices <select name="users">${packs.map((pack) => html`<option value="${pack}">${pack}</option>`)}</select></label>
        <label>Valid for <select name="days"><option value="30">30 days</option><option value="365" selected>1 year</option><option value="1095">3 years</option></select></label>
        <label>Part number <input name="partNumber" maxlength="40" autocomplete="off"></label>
        <label>Primary <input name="primary" maxlength="17" autocomplete="off" placeholder="02:00:5e:10:00:01" aria-describedby="members-hint"></label>
        <label>Secondaries <input name="secondaries" maxlength="200" autocomplete="off" aria-describedby="members-hint"></label>
        <small id="members-hint">Hardware addresses, separated by commas. A server that is named as the primary becomes it at once; left empty, the primary is a setting.</small>
        <button type="submit">Issue licence</button>
      </form></section>`;
}

export function importForm(session: Session, { clusterId, standing }: LicenceView): Html {
  const here = `/clusters/${clusterId}/licences`;
  return html`<section class="card" id="import" aria-labelledby="import-title"><h2 id="import-title">Import a licence file</h2>
      <form method="post" action="${here}/import">${csrfField(session)}
        <label>Content of the file <textarea name="signed" rows="6" maxlength="${limits.licenceBytesMax}" required autocomplete="off" spellcheck="false"></textarea></label>
        <button type="submit" class="quiet">Import licence</button>
      </form>
      ${standing.trialAvailable ? trialForm(session, here) : ""}
    </section>`;
}

function trialForm(session: Session, here: string): Html {
  return html`<h2>Or try it first</h2>
    <form method="post" action="${here}/trial">${csrfField(session)}
      <p>Everything, for ${limits.trialDays} days; a licence takes its place without anything being installed again.</p>
      <button type="submit" class="quiet">Start the trial</button>
    </form>`;
}
