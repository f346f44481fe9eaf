import { html } from "hono/html";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import type { OpenToken } from "../../use-cases/join-tokens.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { dateTime } from "./moment.ts";
import { csrfField } from "./shell.ts";

/** Tokens that a node may still join with. Nothing where there is none. */
export function joinTokensPanel(session: Session, clusterId: ClusterId, tokens: readonly OpenToken[]): Html {
  if (tokens.length === 0) return html``;
  return html`<section class="card" id="join-tokens" aria-labelledby="join-tokens-title">
    <h2 id="join-tokens-title">Open join tokens</h2>
    <ul class="plain">${tokens.map((token) => tokenItem(session, clusterId, token))}</ul>
  </section>`;
}

function tokenItem(session: Session, clusterId: ClusterId, { tokenId, role, state, expiresAt }: OpenToken): Html {
  const what = `${role === "witness" ? "a witness" : "a node"}, ${state === "claimed" ? "claimed by one that waits to be let in" : "unused"}`;
  const withdraw = html`<form method="post" action="/clusters/${clusterId}/join-tokens/withdrawal">${csrfField(session)}
      <input type="hidden" name="tokenId" value="${tokenId}">
      <button type="submit" class="quiet" aria-label="Withdraw the join token ${tokenId.slice(0, 8)}">Withdraw</button></form>`;
  return html`<li><code>${tokenId.slice(0, 8)}</code> for ${what} <span class="sub">until ${dateTime(expiresAt)}</span>
    ${state === "unused" && may(session, "operator") ? withdraw : ""}</li>`;
}
