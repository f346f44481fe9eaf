import { html } from "hono/html";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { WhenAlone } from "../../../shared/domain/membership/when-alone.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { type Choices, radioChoices } from "./radio-choices.ts";
import { csrfField } from "./shell.ts";

const choices: Choices<WhenAlone> = {
  stop: {
    label: "Stop",
    meaning:
      "Neither goes on. Nothing ever runs twice; the loss of either node, or of the link between them, stops the service until both are back.",
  },
  survivor: {
    label: "The operational node goes on",
    meaning:
      "It goes on alone, as both had agreed. The other one never takes over by itself: if the operational node dies, the service is down until somebody runs understudy agent takeover on the other one, and answers for the first being down. Said of a node that still runs, the service runs twice until the two hear each other.",
  },
  probe: {
    label: "The operational node goes on, the other one takes over where the addresses fall silent",
    meaning:
      "It goes on alone, as both had agreed, unless neither the other one nor a gateway answers it: then it steps down. The other one takes over by itself where it does not hear the first, nobody answers for the group's addresses for as long as a lease lasts, and a gateway answers; groups without an address wait for understudy agent takeover. If the network between the two is cut so that they, and the addresses, cannot be seen while each still sees a gateway, the service runs twice until they hear each other.",
  },
};

/** The choice that two nodes without a witness have; in all other clusters a majority decides. */
export function whenAlonePanel(session: Session, { clusterId, nodes, witness, whenAlone = "stop" }: ClusterDocument): Html {
  if (nodes.length !== 2 || witness?.kind === "agent") return html``;
  const body = may(session, "operator") ? form(session, clusterId, whenAlone) : html`<p>${choices[whenAlone].meaning}</p>`;
  return html`<section class="card" id="when-alone" aria-labelledby="when-alone-title">
    <h2 id="when-alone-title">When the two nodes lose each other</h2>
    <p class="muted">Neither can tell a dead node from a cut link. A witness on any third machine, or a third node, can.</p>
    ${witness === undefined ? "" : html`<p>The control plane is their witness: with its vote either goes on without the other. Another choice than to stop ends that.</p>`}
    ${body}
  </section>`;
}

function form(session: Session, clusterId: ClusterDocument["clusterId"], chosen: WhenAlone): Html {
  return html`<form method="post" action="/clusters/${clusterId}/when-alone">${csrfField(session)}
      ${radioChoices("whenAlone", choices, chosen)}
      <button type="submit" class="quiet">Change</button>
    </form>`;
}
