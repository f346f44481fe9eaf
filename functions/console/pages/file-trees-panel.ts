import { html } from "hono/html";
import type { ClusterDocument, FileTree } from "../../../shared/domain/membership/cluster-document.ts";
import { may, type Session } from "../session.ts";
import type { FormAgain } from "./form-pages.ts";
import type { Html } from "./markup.ts";
import { csrfField } from "./shell.ts";

/** What came of a form that was sent: refused, or checked without changing anything. */
export type FileTreeAnswer =
  | (FormAgain & { readonly kind: "refused" })
  | { readonly kind: "checked"; readonly tree: FileTree; readonly values: FormAgain["values"] };

/** Folders that follow the one of their group's operational node; and the form that declares one, or changes what is declared. */
export function fileTreesPanel(session: Session, document: ClusterDocument, answer: FileTreeAnswer | null): Html {
  const trees = document.dataSets.filter((dataSet) => dataSet.kind === "files");
  if (document.groups.length === 0 || (trees.length === 0 && !may(session, "operator"))) return html``;
  return html`<section class="card" id="file-trees" aria-labelledby="file-trees-title">
    <h2 id="file-trees-title">Folders</h2>
    <p class="muted">Each is the same on every node: whoever is operational writes it, the others follow. Where it lies each node's own settings say.</p>
    ${trees.length === 0 ? html`<p class="sub">none yet</p>` : html`<ul class="plain">${trees.map(treeItem)}</ul>`}
    ${may(session, "operator") ? form(session, document, answer) : ""}
  </section>`;
}

function treeItem({ name, group, local }: FileTree): Html {
  return html`<li><span class="chip">${name}</span> <span class="sub">written by whoever holds ${group}; ${leftOut(local)}</span></li>`;
}

function leftOut(local: readonly string[]): string {
  return local.length === 0 ? "all of it is replicated" : `stays on its node: ${local.join(", ")}`;
}

function form(session: Session, { clusterId, groups, version, dataSets }: ClusterDocument, answer: FileTreeAnswer | null): Html {
  const typed = (field: string): string => answer?.values[field] ?? "";
  const options = groups.map(({ name }) => html`<option value="${name}"${name === typed("group") ? html` selected` : ""}>${name}</option>`);
  return html`${answer === null ? "" : notice(answer, dataSets)}
    <form method="post" action="/clusters/${clusterId}/file-trees">${csrfField(session)}
      <input type="hidden" name="version" value="${version}">
      <label>Name <input name="name" value="${typed("name")}" required maxlength="64" autocomplete="off" aria-describedby="tree-name-hint"></label>
      <small id="tree-name-hint">A new folder, or one of those above, to change it. Set its path on every node first, as dataSets: { NAME: { path: /srv/NAME } }: a node without it takes no group.</small>
      <label>Group <select name="group">${options}</select></label>
      <label>Stays on its node <input name="local" value="${typed("local")}" maxlength="4000" autocomplete="off" aria-describedby="tree-local-hint"></label>
      <small id="tree-local-hint">Paths that are never sent and never touched, separated by commas: *.tmp in any folder, cache/** at the top.</small>
      <button type="submit" name="step" value="check" class="quiet">Check only</button>
      <button type="submit" name="step" value="declare">Declare</button>
    </form>`;
}

function notice(answer: FileTreeAnswer, dataSets: ClusterDocument["dataSets"]): Html {
  if (answer.kind === "refused") return html`<p class="notice notice-bad" role="alert">${answer.problem}</p>`;
  const { name, group, local } = answer.tree;
  const before = dataSets.find((dataSet) => dataSet.name === name);
  const was = before?.kind === "files" ? ` It is now written by whoever holds ${before.group}; ${leftOut(before.local)}.` : "";
  return html`<p class="notice" role="status">Nothing has been changed yet. Declare would ${before === undefined ? "add" : "change"} ${name}: written by whoever holds ${group}; ${leftOut(local)}.${was}</p>`;
}
