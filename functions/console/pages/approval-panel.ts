import { html } from "hono/html";
import type { Difference } from "../../../shared/domain/audit/difference.ts";
import type { ApprovalStanding, WaitingChange } from "../../use-cases/approvals.ts";
import type { Html } from "./markup.ts";

/** What waits for the cluster's approver, who signs on a machine of his own: there is nothing to press here. Nothing where the cluster has none. */
export function approvalPanel({ document, approver, waiting }: ApprovalStanding): Html {
  if (approver === null) return html``;
  return html`<section class="card" id="approval" aria-labelledby="approval-title">
    <h2 id="approval-title">Approval</h2>
    <p class="muted">Dangerous changes of this cluster count once the holder of key <code>${approver.name}</code> has signed for them, too.</p>
    ${waiting === null ? html`<p>Nothing waits.</p>` : waitingChange(waiting, document.clusterId, document.version)}
  </section>`;
}

function waitingChange({ approvedVersion, consequences, differences }: WaitingChange, clusterId: string, version: number): Html {
  return html`<p><strong>Version ${version} waits.</strong> The nodes go on with version ${approvedVersion}, and fail over by it. Once it is approved:</p>
    <ul>${consequences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <details><summary>${differences.length} ${differences.length === 1 ? "place" : "places"} to sign for</summary>
      <ul class="plain">${differences.map(place)}</ul></details>
    <p>On the machine that has the key: <code>understudy approver show --cluster ${clusterId}</code></p>`;
}

function place({ path, before, after }: Difference): Html {
  return html`<li><code>${path}</code> ${shown(after)} <span class="sub">in place of ${shown(before)}</span></li>`;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
