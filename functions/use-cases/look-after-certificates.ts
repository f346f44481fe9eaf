import { type ClusterId, controlPlaneId, type EventId } from "../../shared/domain/ids.ts";
import { certificateNotice } from "../../shared/domain/membership/certificate-life.ts";
import { settledCertificates, withNextAlone } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { CertificateEventDetail } from "../../shared/domain/monitoring/certificate-event.ts";
import { severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import type { Dependencies } from "../dependencies.ts";
import { changeDocument } from "./change-document.ts";
import { withMember } from "./name-next-certificate.ts";
import { recordEvent } from "./record-events.ts";

/** Settles what is due, and tells of certificates that near their end unrenewed: each thing once. Called from time to time; again and again harmless. */
export async function lookAfterCertificates(dependencies: Dependencies, clusterId: ClusterId): Promise<void> {
  const cluster = await dependencies.stores.clusters.find(clusterId);
  if (cluster === undefined) return;
  const document = await settled(dependencies, cluster.document);
  for (const { nodeId: node, certificateSha256, certificateTerm, nextCertificate: next } of membersOf(document)) {
    const term = next?.term ?? certificateTerm;
    if (term === undefined) continue;
    const notice = certificateNotice({ fromMs: Date.parse(term.from), untilMs: Date.parse(term.until) }, dependencies.nowMs());
    if (notice === null) continue;
    const { daysLeft, key } = notice;
    const expiresAt = term.until;
    await tell(
      dependencies,
      clusterId,
      `${(next?.sha256 ?? certificateSha256).slice(0, 16)}/${key}`,
      key === 0 ? { kind: "certificate.expired", node, expiresAt } : { kind: "certificate.expiring", node, daysLeft, expiresAt },
    );
  }
}

/** The document without the certificates that have a successor which everybody knows. */
async function settled(dependencies: Dependencies, document: ClusterDocument): Promise<ClusterDocument> {
  if (membersOf(document).every(({ nextCertificate }) => nextCertificate === undefined)) return document;
  const { stores, nowMs, log } = dependencies;
  const { clusterId } = document;
  const reports = (await stores.reports.listOfCluster(clusterId)).map(({ report }) => report);
  const due = (current: ClusterDocument) => settledCertificates(current, reports, { nowMs: nowMs(), msOf: Date.parse });
  if (due(document).length === 0) return document;
  const cluster = await changeDocument(dependencies, clusterId, async (current) => {
    const nodes = due(current);
    if (nodes.length === 0) return null;
    log.info({ clusterId, nodes }, "certificates are nobody's any more: their successors are known to everybody");
    const after = nodes.reduce((so, nodeId) => ({ ...so, ...withMember(so, nodeId, withNextAlone) }) as ClusterDocument, current);
    return { nodes: after.nodes, ...(after.witness === undefined ? {} : { witness: after.witness }) };
  });
  return cluster.document;
}

async function tell(dependencies: Dependencies, clusterId: ClusterId, key: string, detail: CertificateEventDetail): Promise<void> {
  const eventId = `${clusterId}/certificate/${key}` as EventId;
  if ((await dependencies.stores.events.find(clusterId, eventId)) !== undefined) return;
  const at = new Date(dependencies.nowMs()).toISOString();
  await recordEvent(dependencies, { eventId, clusterId, reporter: controlPlaneId, at, severity: severityOf[detail.kind], detail });
}
