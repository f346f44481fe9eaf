import { html } from "hono/html";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { type DnsProduct, delegationInstructions, dnsProducts } from "../../../shared/domain/membership/dns-instructions.ts";
import { type DnsZone, dnsZonesOf } from "../../../shared/domain/membership/dns-zones.ts";
import type { Html } from "./markup.ts";

const productNames: Readonly<Record<DnsProduct, string>> = { bind: "BIND", windows: "Windows DNS", route53: "Amazon Route 53" };

/** What delegates the zones that the nodes answer for; nothing where there is none. */
export function delegationPanel(document: ClusterDocument): Html {
  const zones = dnsZonesOf(document);
  if (zones.length === 0) return html``;
  return html`<section class="card" id="delegation" aria-labelledby="delegation-title">
    <h2 id="delegation-title">Delegate to the nodes</h2>
    <p class="muted">The nodes answer for ${zones.length === 1 ? "this zone" : "these zones"} themselves. The zone above has to name every node, and only them: again after each change of the
      cluster's nodes. On a node, understudy agent dns verify tells whether it does.</p>
    ${zones.map(zoneInstructions)}
  </section>`;
}

function zoneInstructions(zone: DnsZone): Html {
  return html`<h3>${zone.zone}</h3>${dnsProducts.map(
    (product) => html`<details><summary>${productNames[product]}</summary><pre>${delegationInstructions(zone, product)}</pre></details>`,
  )}`;
}
