import { html } from "hono/html";
import type { ApplicationDatabase, ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { nameOfNode } from "../../../shared/domain/monitoring/observation.ts";
import type { ConflictPolicy, TableConflicts } from "../../../shared/domain/replication/conflict-policy.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { csrfField } from "./shell.ts";

const words: Readonly<Record<ConflictPolicy["policy"], string>> = {
  newest: "The newest write stands",
  priority: "That of the preferred node stands",
  manual: "Somebody decides",
  columns: "Of each column the newest stands",
};

/** What becomes of a row that two nodes have written apart, by table; of a table that is not named the newest write stands. */
export function conflictsPanel(session: Session, document: ClusterDocument): Html {
  const databases = document.dataSets.filter((dataSet) => dataSet.kind === "sqlite");
  if (databases.length === 0 || document.nodes.length === 0) return html``;
  return html`<section class="card" id="conflicts" aria-labelledby="conflicts-title">
    <h2 id="conflicts-title">Conflicts</h2>
    <p class="muted">A row that two nodes have written without knowing of each other. Where nothing is said of its table, the newest write stands.</p>
    ${databases.map((database) => declaredList(document, database))}
    ${may(session, "operator") ? form(session, document, databases) : ""}
  </section>`;
}

function declaredList(document: ClusterDocument, { name, conflicts = [] }: ApplicationDatabase): Html {
  return html`<p><span class="chip">${name}</span> ${conflicts.length === 0 ? html`<span class="sub">nothing is said of any table</span>` : ""}</p>
    <ul class="plain">${conflicts.map((declared) => html`<li><code>${declared.table}</code> <span class="sub">${policyWords(document, declared)}</span></li>`)}</ul>`;
}

function policyWords({ nodes }: ClusterDocument, declared: TableConflicts): string {
  if (declared.policy !== "priority") return words[declared.policy];
  return `${words.priority}: ${declared.order.map((nodeId) => nameOfNode(nodes, nodeId)).join(", then ")}`;
}

function form(session: Session, { clusterId, version, nodes }: ClusterDocument, databases: readonly ApplicationDatabase[]): Html {
  const rank = (place: number) =>
    html`<label>${place === 0 ? "Preferred node" : `Then`} <select name="preferred${place}"><option value="">–</option>${nodes.map(
      ({ nodeId, name }) => html`<option value="${nodeId}">${name}</option>`,
    )}</select></label>`;
  return html`<form method="post" action="/clusters/${clusterId}/conflicts">${csrfField(session)}
      <input type="hidden" name="version" value="${version}">
      <label>Data set <select name="dataSet">${databases.map(({ name }) => html`<option value="${name}">${name}</option>`)}</select></label>
      <label>Table <input name="table" required maxlength="128" autocomplete="off"></label>
      <label>What stands <select name="policy">${Object.entries(words).map(([value, label]) => html`<option value="${value}">${label}</option>`)}</select></label>
      <details><summary>Order of the nodes, for the preferred node</summary>${nodes.map((_, place) => rank(place))}</details>
      <button type="submit" class="quiet">Declare</button>
    </form>`;
}
