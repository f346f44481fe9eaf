import { html } from "hono/html";
import { clusterSettingList } from "../../../shared/config/cluster-settings.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { type ClusterSetting, rangeOf } from "../../../shared/domain/settings/cluster-setting.ts";
import { settingsInForce } from "../../../shared/domain/settings/settings-in-force.ts";
import type { Html } from "./markup.ts";

/** Every setting of the cluster with what it is now, what may stand there, and what to go by. */
export function settingsPanel(document: ClusterDocument): Html {
  const inForce = settingsInForce(document);
  return html`<section class="card" id="settings" aria-labelledby="settings-title">
    <h2 id="settings-title">All settings</h2>
    <p class="muted">What has no form on this page is changed over the API.</p>
    <details><summary>${clusterSettingList.length} settings with their ranges</summary>
      <div class="table-scroll"><table class="rows">
        <thead><tr><th scope="col">Setting</th><th scope="col">Now</th><th scope="col">Default</th><th scope="col">Range</th><th scope="col">Advice</th></tr></thead>
        <tbody>${clusterSettingList.map((setting) => settingRow(setting, inForce[setting.path] ?? []))}</tbody>
      </table></div>
    </details>
  </section>`;
}

function settingRow(setting: ClusterSetting, now: readonly string[]): Html {
  const { path, of, byDefault, advice } = setting;
  const none = html`<span class="muted">–</span>`;
  return html`<tr><th scope="row" data-label="Setting"><code>${path}</code>${of === undefined ? "" : html`<span class="sub">${of}</span>`}</th>
    <td data-label="Now">${now.length === 0 ? none : now.map((value) => html`<div>${value}</div>`)}</td>
    <td data-label="Default">${byDefault === undefined ? none : String(byDefault)}</td>
    <td data-label="Range">${rangeOf(setting)}</td><td data-label="Advice">${advice}</td></tr>`;
}
