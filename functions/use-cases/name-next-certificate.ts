import type { NodeId } from "../../shared/domain/ids.ts";
import type { Certified } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { lanWitnessOf, membersOf } from "../../shared/domain/membership/members.ts";
import type { NextCertificateRequest } from "../../shared/protocol/certificate-schemas.ts";
import type { Dependencies } from "../dependencies.ts";
import { claimCertificate } from "./admit-node.ts";
import { authenticateNode } from "./authenticate-node.ts";
import { type ChangedParts, changeDocument } from "./change-document.ts";
import { type CheckedCertificate, type CheckedSuccession, checkedSuccession, unknownCertificate } from "./node-certificate.ts";

/**
 * A node has made itself another key: the document names it beside the present one, until everybody knows it (look-after-certificates.ts). Both keys have
 * signed the request. Idempotent; another next certificate takes the place of one that the node has lost.
 */
export async function nameNextCertificate(
  dependencies: Dependencies,
  request: NextCertificateRequest,
): Promise<{ readonly documentVersion: number; readonly settled: boolean }> {
  const succession = checkedSuccession(request, dependencies.nowMs());
  const { next } = succession;
  const known = await authenticateNode(dependencies, succession.certificateSha256);
  if (known === undefined) return alreadySettled(dependencies, next);
  const { clusterId, nodeId } = known;
  await claimCertificate(dependencies, clusterId, { nodeId, certificateSha256: next.certificateSha256 });
  const asTheNode = actingAs(dependencies, nodeId);
  // Before it is named, so that no crash leaves one that is named and not let in; and after it, since another change in between may have thrown it out.
  await dependencies.messenger.admit(known, request.nextCertificatePem);
  const { document } = await changeDocument(asTheNode, clusterId, async (before) =>
    namedIn(before, nodeId, succession, dependencies.nowMs()),
  );
  await dependencies.messenger.admit(known, request.nextCertificatePem);
  return { documentVersion: document.version, settled: false };
}

/** Null: it is named already. */
function namedIn(
  document: ClusterDocument,
  nodeId: NodeId,
  { certificateSha256, next, vouched }: CheckedSuccession,
  nowMs: number,
): ChangedParts | null {
  const { certificateSha256: sha256, certificateTerm: term } = next;
  const member = membersOf(document).find((one) => one.nodeId === nodeId);
  if (member === undefined) throw unknownCertificate();
  if (member.nextCertificate?.sha256 === sha256 || member.certificateSha256 === sha256) return null;
  // The word of a next one that is not the only one yet is nobody's word for a third.
  if (member.certificateSha256 !== certificateSha256) throw unknownCertificate();
  const since = new Date(nowMs).toISOString();
  const nextCertificate = { sha256, term, sinceVersion: document.version + 1, since, vouched };
  return withMember(document, nodeId, (one) => ({ ...one, nextCertificate }));
}

/** The document's parts with one member changed, be it a node or the witness. */
export function withMember(
  { nodes, witness, ...rest }: ClusterDocument,
  nodeId: NodeId,
  change: <Member extends Certified>(member: Member) => Member,
): ChangedParts {
  const onLan = lanWitnessOf({ nodes, ...rest, ...(witness === undefined ? {} : { witness }) });
  if (onLan?.nodeId === nodeId) return { witness: change(onLan) };
  return { nodes: nodes.map((node) => (node.nodeId === nodeId ? change(node) : node)) };
}

/** The answer to a request that is repeated after it has come to its end: the certificate before is nobody's any more. */
async function alreadySettled(
  dependencies: Dependencies,
  { certificateSha256 }: CheckedCertificate,
): Promise<{ readonly documentVersion: number; readonly settled: boolean }> {
  const known = await authenticateNode(dependencies, certificateSha256);
  const document = known === undefined ? undefined : (await dependencies.stores.clusters.find(known.clusterId))?.document;
  if (document === undefined) throw unknownCertificate();
  return { documentVersion: document.version, settled: true };
}

function actingAs(dependencies: Dependencies, nodeId: NodeId): Dependencies {
  const { requestId } = dependencies.actor;
  return { ...dependencies, actor: { kind: "node", id: nodeId, name: nodeId, requestId } };
}
