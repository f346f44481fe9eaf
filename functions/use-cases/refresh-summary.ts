import { isDeepStrictEqual } from "node:util";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { IncidentBook } from "../../shared/domain/incidents/incident.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type ClusterSummary, incidentSummary, statusSummary } from "../../shared/domain/monitoring/cluster-summary.ts";
import type { Dependencies } from "../dependencies.ts";
import { licenceStanding } from "./licence-standing.ts";
import { observeCluster } from "./observe-cluster.ts";

/** What is read again; the rest is taken over from the summary that is there. */
export type SummaryPart = "status" | "incidents" | "licence";
const everything: readonly SummaryPart[] = ["status", "incidents", "licence"];

/** Each lost race means that somebody else has made progress; after so many in a row something else is wrong. */
const attemptsMax = 20;

/**
 * Brings a cluster's summary up to date, after its truth has changed. The summary's version is read before the truth is, and replaced on the condition
 * that it is still there: of any number that do this at once, the last one to write has read everything that was written before any of them began. Where nothing
 * has changed nothing is written. A crash before it leaves the summary as it was until the next change, or the sweep.
 */
export async function refreshSummary(
  dependencies: Dependencies,
  clusterId: ClusterId,
  parts: readonly SummaryPart[] = everything,
): Promise<void> {
  const { stores, nowMs } = dependencies;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const before = await stores.summaries.find(clusterId);
    const summary = await summaryNow(dependencies, clusterId, before?.summary, parts);
    if (summary === null || isDeepStrictEqual(summary, before?.summary)) return;
    const changed = { ...summary, changedAt: new Date(nowMs()).toISOString() };
    if ((await stores.summaries.save({ summary: changed, version: (before?.version ?? 0) + 1 })) === "saved") return;
  }
  throw new Error(`the summary of ${clusterId} was changed by others ${attemptsMax} times in a row`);
}

/** The same for its incidents, by whoever has just read or changed their book: mostly they are summed up as they are. */
export async function refreshIncidents(dependencies: Dependencies, { clusterId, incidents }: IncidentBook): Promise<void> {
  const before = await dependencies.stores.summaries.find(clusterId);
  if (!isDeepStrictEqual(incidentSummary(incidents), before?.summary.incidents))
    await refreshSummary(dependencies, clusterId, ["incidents"]);
}

/** Null for a cluster that is not there: a node that is left of it may still tell of itself. */
async function summaryNow(
  dependencies: Dependencies,
  clusterId: ClusterId,
  before: ClusterSummary | undefined,
  wanted: readonly SummaryPart[],
): Promise<ClusterSummary | null> {
  const document = (await dependencies.stores.clusters.find(clusterId))?.document;
  if (document === undefined) return null;
  const part = async <Part extends SummaryPart>(name: Part): Promise<ClusterSummary[Part]> =>
    before === undefined || wanted.includes(name) ? readPart[name](dependencies, document) : before[name];
  const [status, incidents, licence] = await Promise.all([part("status"), part("incidents"), part("licence")]);
  return { clusterId, customerId: document.customerId, status, incidents, licence, changedAt: before?.changedAt ?? "" };
}

const readPart: {
  readonly [Part in SummaryPart]: (dependencies: Dependencies, document: ClusterDocument) => Promise<ClusterSummary[Part]>;
} = {
  status: async (dependencies, document) => statusSummary((await observeCluster(dependencies, document)).observation),
  incidents: async ({ stores }, { clusterId }) => incidentSummary((await stores.incidents.find(clusterId)).book.incidents),
  async licence(dependencies, document) {
    const { state, trial, next, usage, nodes, users } = await licenceStanding(dependencies, document);
    return { state, trial, next, usage, nodes, users: { required: users.required, licensed: users.licensed } };
  },
};
