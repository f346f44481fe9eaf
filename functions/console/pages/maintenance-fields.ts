import { html } from "hono/html";
import type { Html } from "./markup.ts";

const spans = [1, 2, 4, 8, 24, 72, 168] as const;

/** When a maintenance window is, and why: what `maintenanceIn` (../maintenance-form.ts) reads. */
export function maintenanceFields(): Html {
  return html`<label>From (UTC; empty: now) <input type="datetime-local" name="from"></label>
      <label>For <select name="hours">${spans.map((hours) => html`<option value="${hours}">${hours} ${hours === 1 ? "hour" : "hours"}</option>`)}</select></label>
      <label>Reason <input name="reason" maxlength="200" autocomplete="off"></label>`;
}
