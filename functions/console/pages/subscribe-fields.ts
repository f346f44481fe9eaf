import { html } from "hono/html";
import type { Html } from "./markup.ts";

/** Whom to tell, and of what. */
export function subscribeFields(): Html {
  return html`<label>Kind <select name="protocol"><option value="email">E-mail</option><option value="https">HTTPS</option><option value="http">HTTP</option></select></label>
    <label class="grow">Address or URL <input name="endpoint" maxlength="2048" autocomplete="off" placeholder="noc@example.com or https://example.com/alerts"></label>
    <label>What <select name="level"><option value="first">All alerts</option><option value="escalation">What nobody acknowledges</option></select></label>`;
}
