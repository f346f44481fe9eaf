import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Incident } from "../../shared/domain/incidents/incident.ts";
import type { Dependencies } from "../dependencies.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";
import { settleIncidents } from "./settle-incidents.ts";

/**
 * Somebody has taken an incident on: it goes to nobody's second topic any more. Acknowledged again, the first one stays. A swallowed number means the incident that
 * it has become a part of.
 */
export async function acknowledgeIncident(dependencies: Dependencies, clusterId: ClusterId, number: number): Promise<Incident> {
  const { actor, stores, nowMs } = dependencies;
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const found = inBook((await stores.incidents.find(clusterId)).book.incidents, number);
  if (found === undefined) throw noSuchIncident(clusterId, number);
  if (found.acknowledged !== null) return found;
  const acknowledged = { by: actor.name, atMs: nowMs() };
  const change = {
    action: "incident.acknowledged",
    customerId: document.customerId,
    subject: `${clusterId}/incident/${found.number}`,
    after: { acknowledged: { by: acknowledged.by, at: new Date(acknowledged.atMs).toISOString() } },
  } as const;
  const book = await audited(dependencies, change, () =>
    settleIncidents(dependencies, clusterId, (before) => ({
      ...before,
      incidents: before.incidents.map((incident) =>
        isMeant(incident, number) ? { ...incident, acknowledged: incident.acknowledged ?? acknowledged } : incident,
      ),
    })),
  );
  return inBook(book.incidents, number) ?? { ...found, acknowledged };
}

function inBook(incidents: readonly Incident[], number: number): Incident | undefined {
  return incidents.find((incident) => isMeant(incident, number));
}

function isMeant(incident: Incident, number: number): boolean {
  return incident.number === number || incident.swallowed.includes(number);
}

function noSuchIncident(clusterId: ClusterId, number: number): Refusal {
  const message = `cluster ${clusterId} has no incident ${number} that goes on, or was over less than a day ago`;
  return new Refusal("not-found", message, "List the cluster's incidents to find its number.");
}
