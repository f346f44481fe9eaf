import { html } from "hono/html";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { CloudWitnessChoice } from "../../use-cases/choose-cloud-witness.ts";
import { may, type Session } from "../session.ts";
import type { Html } from "./markup.ts";
import { type Choices, radioChoices } from "./radio-choices.ts";
import { csrfField } from "./shell.ts";

const choices: Choices<CloudWitnessChoice> = {
  automatic: {
    label: "Where it helps",
    meaning:
      "It is, while the number of nodes is even and there is no other witness: half of the nodes may then be lost, or the link between the halves.",
  },
  on: {
    label: "Always",
    meaning:
      "It stays one, and votes while the number of nodes is even. Another choice than to stop for two nodes that lose each other ends with it.",
  },
  off: {
    label: "Never",
    meaning: "The nodes decide by themselves. Two of them, or an even number cut in halves, then stop where neither half has a majority.",
  },
};

/** Whether the control plane has a vote; where a machine of the LAN is the witness, there is nothing to choose. */
export function cloudWitnessPanel(session: Session, document: ClusterDocument): Html {
  const { clusterId, nodes, witness } = document;
  if (nodes.length === 0 || witness?.kind === "agent") return html``;
  const now = witness === undefined ? "It is none now." : `It is one now${witness.voting ? ", and votes" : "; it has no vote at present"}.`;
  return html`<section class="card" id="cloud-witness" aria-labelledby="cloud-witness-title">
    <h2 id="cloud-witness-title">The control plane as the witness</h2>
    <p class="muted">${now} It is asked over the internet only where the nodes alone do not suffice; a failover then takes as long as its answer.</p>
    ${may(session, "operator") ? form(session, clusterId, chosenIn(document)) : html`<p>${choices[chosenIn(document)].label}. ${choices[chosenIn(document)].meaning}</p>`}
  </section>`;
}

function chosenIn({ nodes, witness, cloudWitness }: ClusterDocument): CloudWitnessChoice {
  if (cloudWitness === "off") return "off";
  // Made by itself or on demand, the document does not say; with an odd number of nodes only somebody's wish explains it.
  return witness?.kind === "cloud" && nodes.length % 2 === 1 ? "on" : "automatic";
}

function form(session: Session, clusterId: ClusterDocument["clusterId"], chosen: CloudWitnessChoice): Html {
  return html`<form method="post" action="/clusters/${clusterId}/cloud-witness">${csrfField(session)}${radioChoices("cloudWitness", choices, chosen)}<button type="submit" class="quiet">Change</button></form>`;
}
