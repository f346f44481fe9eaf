import { type ClusterId, controlPlaneId, type EventId } from "../../shared/domain/ids.ts";
import { type Amount, capacityOf, type UsageLevel, usageLevel } from "../../shared/domain/licensing/capacity.ts";
import { licenceCourse } from "../../shared/domain/licensing/licence-course.ts";
import { dueNotice, type LicenceNotice } from "../../shared/domain/licensing/licence-notice.ts";
import { termsInForce } from "../../shared/domain/licensing/licence-term.ts";
import { namedPrimary, rolesFor } from "../../shared/domain/licensing/licensed-roles.ts";
import { severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import type { LicenceEventDetail } from "../../shared/domain/monitoring/licence-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { changeDocument } from "./change-document.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicenceBasis, readLicenceBasis } from "./read-licences.ts";
import { recordEvent } from "./record-events.ts";
import { refreshSummary } from "./refresh-summary.ts";

/**
 * Brings about what follows from a cluster's licences as they are now: the roles that they fix, and what people are told of their use and their end.
 * Called after each change of them, and for every cluster from time to time; again and again harmless: each thing is told once.
 */
export async function settleLicences(dependencies: Dependencies, clusterId: ClusterId): Promise<void> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const basis = await readLicenceBasis(dependencies, document);
  if (basis.terms.length > 0) {
    await settleRoles(dependencies, clusterId, basis);
    await tellUsage(dependencies, clusterId, basis);
    await tellNotice(dependencies, clusterId, basis);
  }
  await refreshSummary(dependencies, clusterId, ["licence"]);
}

/** The document alone changes, and no agent restarts for it. The event goes first: after a crash between the two it is found as told. */
async function settleRoles(dependencies: Dependencies, clusterId: ClusterId, { nodes, terms }: LicenceBasis): Promise<void> {
  // Mostly they are right, and then nothing is read again to find that out.
  const due = rolesFor(termsInForce(terms, dependencies.nowMs()), nodes);
  if (nodes.every(({ nodeId, role }) => due.get(nodeId) === role)) return;
  const hardware = new Map(nodes.map((node) => [node.nodeId, node.hardwareAddresses]));
  await changeDocument(dependencies, clusterId, async (document) => {
    const inForce = termsInForce((await readLicenceBasis(dependencies, document)).terms, dependencies.nowMs());
    const licensed = document.nodes.map(({ nodeId, role }) => ({ nodeId, role, hardwareAddresses: hardware.get(nodeId) ?? [] }));
    const roles = rolesFor(inForce, licensed);
    if (document.nodes.every(({ nodeId, role }) => roles.get(nodeId) === role)) return null;
    const named = namedPrimary(inForce, licensed);
    const before = document.nodes.find(({ role }) => role === "primary")?.nodeId ?? null;
    if (named !== null && named.nodeId !== before) {
      const { nodeId: node, licenceId } = named;
      await tell(dependencies, clusterId, `role/${licenceId}/${node}`, { kind: "licence.role-changed", node, from: before, licenceId });
    }
    return { nodes: document.nodes.map((node) => ({ ...node, role: roles.get(node.nodeId) ?? node.role })) };
  });
}

const kindOfLevel = { within: "licence.covers-again", near: "licence.nearly-used", over: "licence.overused" } as const;

/** Told when the level changes, not while it lasts. Where nothing is in force, the end of the licences is what people are told of. */
async function tellUsage(dependencies: Dependencies, clusterId: ClusterId, { terms, used }: LicenceBasis): Promise<void> {
  const { licenceBasis } = dependencies.stores;
  const inForce = termsInForce(terms, dependencies.nowMs());
  if (inForce.length === 0) return;
  const licensed = capacityOf(inForce);
  const level: UsageLevel = usageLevel(used, licensed);
  const told = (await licenceBasis.findUsageTold(clusterId)) ?? { change: 0, level: "within" };
  if (told.level === level) return;
  const change = told.change + 1;
  await tell(dependencies, clusterId, `usage/${change}/${level}`, usageDetail(level, used, licensed));
  await licenceBasis.putUsageTold(clusterId, { change, level });
}

function usageDetail(level: UsageLevel, used: Amount, licensed: Amount): LicenceEventDetail {
  const amounts = { nodes: used.nodes, nodesLicensed: licensed.nodes, users: used.users, usersLicensed: licensed.users };
  return { kind: kindOfLevel[level], ...amounts };
}

async function tellNotice(dependencies: Dependencies, clusterId: ClusterId, { terms, used }: LicenceBasis): Promise<void> {
  const nowMs = dependencies.nowMs();
  const notice = dueNotice(terms, used, nowMs);
  if (notice === null) return;
  const { isTrial } = licenceCourse(terms, used, nowMs);
  await tell(dependencies, clusterId, notice.key, noticeDetail(notice, isTrial));
}

function noticeDetail(notice: LicenceNotice, trial: boolean): LicenceEventDetail {
  switch (notice.kind) {
    case "expiring": {
      const { daysLeft, endsAtMs, graceEndsAtMs } = notice;
      return { kind: "licence.expiring", trial, daysLeft, endsAt: isoOf(endsAtMs), graceEndsAt: isoOf(graceEndsAtMs) };
    }
    case "grace": {
      const { daysLeft, endedAtMs, graceEndsAtMs } = notice;
      return { kind: "licence.grace", trial, daysLeft, endedAt: isoOf(endedAtMs), graceEndsAt: isoOf(graceEndsAtMs) };
    }
    case "lapsed":
      return { kind: "licence.lapsed", trial, lapsedAt: isoOf(notice.lapsedAtMs) };
  }
}

/** Once for each key of the cluster. */
async function tell(dependencies: Dependencies, clusterId: ClusterId, key: string, detail: LicenceEventDetail): Promise<void> {
  const eventId = `${clusterId}/licence/${key}` as EventId;
  if ((await dependencies.stores.events.find(clusterId, eventId)) !== undefined) return;
  const at = isoOf(dependencies.nowMs());
  await recordEvent(dependencies, { eventId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
