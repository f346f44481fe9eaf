import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Incident } from "../../shared/domain/incidents/incident.ts";
import type { Dependencies } from "../dependencies.ts";
import type { AlertNames } from "../notify/alert-message.ts";
import { alertNames } from "./alert-names.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";

export interface IncidentPage {
  readonly incidents: readonly Incident[];
  /** Where more follow: what `before` takes. */
  readonly next?: number;
  /** What the facts are worded with. */
  readonly names: AlertNames;
}

/** A page of the cluster's incidents, newest first: those of the book and those that have left it. */
export async function listIncidents(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { limit, before = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly before?: number | undefined },
): Promise<IncidentPage> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const { incidents } = dependencies.stores;
  // The archive first: what leaves the book meanwhile is then in both, and counts once.
  const archived = await incidents.archived(clusterId, { limit: limit + 1, before });
  const inBook = (await incidents.find(clusterId)).book.incidents.filter(({ number }) => number < before);
  const byNumber = new Map([...archived, ...inBook].map((incident) => [incident.number, incident]));
  const all = [...byNumber.values()].toSorted((one, other) => other.number - one.number);
  const page = all.slice(0, limit);
  const last = page.at(-1);
  const names = await alertNames(dependencies, document);
  return { incidents: page, names, ...(all.length > limit && last !== undefined ? { next: last.number } : {}) };
}
