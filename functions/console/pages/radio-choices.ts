import { html } from "hono/html";
import type { Html } from "./markup.ts";

/** One of several, each with what follows from it. */
export type Choices<Value extends string> = Readonly<Record<Value, { readonly label: string; readonly meaning: string }>>;

export function radioChoices<Value extends string>(name: string, choices: Choices<Value>, chosen: Value): Html {
  const rows = Object.entries<Choices<Value>[Value]>(choices).map(
    ([
      value,
      { label, meaning },
    ]) => html`<label class="choice"><input type="radio" name="${name}" value="${value}"${value === chosen ? html` checked` : ""}>
        <span>${label}<small>${meaning}</small></span></label>`,
  );
  return html`${rows}`;
}
