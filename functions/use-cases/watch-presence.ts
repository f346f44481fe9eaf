import type { ClusterId, EventId } from "../../shared/domain/ids.ts";
import { controlPlaneId } from "../../shared/domain/ids.ts";
import type { ClusterEvent, EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import { judgeSilence } from "../../shared/domain/monitoring/silence.ts";
import type { Dependencies } from "../dependencies.ts";
import type { NodePresence } from "../store/presence-store.ts";
import { isRemovedAndCleared } from "./clear-remains.ts";
import { recordEvent } from "./record-events.ts";
import { refreshSummary } from "./refresh-summary.ts";

const batchSize = 100;
/** Between two looks at a node that may still turn out either way. */
const againAfterMs = 10_000;

/**
 * Tells of nodes and sites that cannot speak for themselves: those that the broker has not seen for as long as the customer allows. Each silence is told once, by the
 * number of the disconnection that began it: repeated and late presence events, a kill between any two steps and two watchers at once change nothing.
 */
export async function watchPresence(dependencies: Dependencies): Promise<{ readonly told: number }> {
  const { stores, nowMs } = dependencies;
  let told = 0;
  const silent = await stores.presence.toJudge(nowMs(), batchSize);
  for (const [clusterId, own] of Map.groupBy(silent, (presence) => presence.clusterId))
    told += await judgeCluster(dependencies, clusterId, own);
  return { told };
}

/** How many things were told. */
async function judgeCluster(dependencies: Dependencies, clusterId: ClusterId, silent: readonly NodePresence[]): Promise<number> {
  const { stores, nowMs } = dependencies;
  const cluster = await stores.clusters.find(clusterId);
  if (cluster === undefined) {
    if (await isRemovedAndCleared(dependencies, clusterId)) return 0;
    throw new Error(`node ${silent[0]?.nodeId} of ${clusterId} is silent, and that cluster is not in the store`);
  }
  const { document } = cluster;
  const graceMs = (await stores.alertSettings.find(document.customerId)).silentAfterSeconds * 1_000;
  const ripe = silent.filter(({ since }) => Date.parse(since) + graceMs <= nowMs());
  for (const presence of silent) {
    if (ripe.includes(presence)) continue;
    await stores.presence.judged(presence, { told: presence.told ?? null, againMs: Date.parse(presence.since) + graceMs });
  }
  if (ripe.length === 0) return 0;
  const [reports, presences] = await Promise.all([stores.reports.listOfCluster(clusterId), stores.presence.listOfCluster(clusterId)]);
  const observation = { document, reports: reports.map(({ report }) => report), presence: presences, events: [] };
  let told = 0;
  for (const presence of ripe) {
    const verdict = judgeSilence(observation, presence.nodeId, { nowMs: nowMs(), graceMs, msOf: Date.parse });
    if (verdict === "site") {
      const own = presences.filter((one) => document.nodes.some((node) => node.nodeId === one.nodeId));
      await tellSite(dependencies, clusterId, own);
      return told + 1;
    }
    if (verdict === "node") {
      await tellNode(dependencies, presence);
      told += 1;
    } else {
      await stores.presence.judged(presence, { told: null, againMs: verdict === "gone" ? null : nowMs() + againAfterMs });
    }
  }
  return told;
}

async function tellNode(dependencies: Dependencies, presence: NodePresence): Promise<void> {
  const { stores, nowMs } = dependencies;
  const { clusterId, nodeId, sequence, since } = presence;
  const detail = { kind: "node.silent", node: nodeId, silentMs: nowMs() - Date.parse(since), cause: "connection-closed" } as const;
  await tell(dependencies, clusterId, `${nodeId}/${sequence}`, since, detail);
  await stores.presence.judged(presence, { told: { what: "node", sequence }, againMs: null });
}

/** Under the number of the last disconnection, which stays the newest for as long as nobody is back. */
async function tellSite(dependencies: Dependencies, clusterId: ClusterId, presences: readonly NodePresence[]): Promise<void> {
  const { stores, nowMs } = dependencies;
  const sequence = Math.max(...presences.map((one) => one.sequence));
  const since =
    presences
      .map((one) => one.since)
      .toSorted()
      .at(-1) ?? new Date(nowMs()).toISOString();
  const detail = { kind: "site.silent", nodes: presences.length, silentMs: nowMs() - Date.parse(since) } as const;
  await tell(dependencies, clusterId, `site/${sequence}`, since, detail);
  for (const one of presences) await stores.presence.judged(one, { told: { what: "site", sequence }, againMs: null });
}

/** At the time at which it began: so it stands with what else happened then. */
async function tell(dependencies: Dependencies, clusterId: ClusterId, what: string, at: string, detail: EventDetail): Promise<void> {
  const eventId = `${clusterId}/presence/${what}/${detail.kind}` as EventId;
  const event: ClusterEvent = { eventId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail };
  await recordEvent(dependencies, event);
  await refreshSummary(dependencies, clusterId, ["status"]);
}
