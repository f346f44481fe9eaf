import { limits } from "../../shared/config/limits.ts";
import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import { admitNode } from "../../shared/domain/licensing/admission.ts";
import { entitlementsOf, type LicensedNode } from "../../shared/domain/licensing/licensed-roles.ts";
import { type Certified, fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument, ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { pathsOf } from "../../shared/domain/membership/lan-path.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import { votersOf } from "../../shared/domain/membership/quorum.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { changeDocument } from "./change-document.ts";
import { type LicenceBasis, readLicenceBasis } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";

/** A node as it asks to be enrolled; its key is already proven. */
export type Candidate = Omit<ClusterNode, "role" | "voting"> & { readonly hardwareAddresses?: readonly string[] };

export const sameToken = "then use the same token again";

/**
 * Puts the node into the cluster document, last in the ring and in the group `default`, unless its licence lets it run no services. The first has the
 * only vote; every later one is a learner until it is ready to vote (promote-learner.ts), so that a join takes nothing from a cluster that works.
 * Idempotent for the same node.
 */
export async function admitToCluster(dependencies: Dependencies, clusterId: ClusterId, candidate: Candidate): Promise<StoredCluster> {
  const { nodeId, hardwareAddresses = [] } = candidate;
  await claimCertificate(dependencies, clusterId, candidate);
  await dependencies.stores.licenceBasis.putHardware(clusterId, nodeId, hardwareAddresses);
  return changeDocument(dependencies, clusterId, async (document) => {
    if (document.nodes.some((node) => node.nodeId === nodeId)) return null;
    const basis = await readLicenceBasis(dependencies, document);
    const nowMs = dependencies.nowMs();
    refuseWithoutLicence(basis, document, nowMs);
    refuseOverLimit(document);
    refuseTaken(document, candidate, listenersOf(candidate));
    const licensed: LicensedNode = { nodeId, role: "secondary", hardwareAddresses };
    const serves = entitlementsOf(basis.terms, licensed, nowMs).includes("active_cluster_member");
    const groups = document.groups.map((group) =>
      serves && group.name === "default" ? { ...group, order: [...group.order, nodeId] } : group,
    );
    // From the third node on a majority decides, and before it votes nobody may count on going on alone any more.
    const decided = document.nodes.length >= 2 ? { whenAlone: "stop" as const } : {};
    return { nodes: [...document.nodes, nodeFor(document, candidate)], groups, ...decided };
  });
}

/** A connection finds its cluster by its certificate, so one certificate may stand for one node only. */
export async function claimCertificate(
  { stores }: Dependencies,
  clusterId: ClusterId,
  { nodeId, certificateSha256 }: Pick<Candidate, "nodeId" | "certificateSha256">,
): Promise<void> {
  const owner = await stores.clusters.findByCertificate(certificateSha256);
  if (owner !== undefined && owner.nodeId !== nodeId) {
    const document = (await stores.clusters.find(owner.clusterId))?.document;
    if (
      document !== undefined &&
      membersOf(document).some((one) => one.nodeId === owner.nodeId && fingerprintsOf(one).includes(certificateSha256))
    ) {
      throw new Refusal(
        "certificate-invalid",
        `this certificate is that of node ${owner.nodeId} already`,
        `Give this agent a data directory of its own, so that it makes its own key, ${sameToken}.`,
      );
    }
  }
  await stores.clusters.addCertificate(certificateSha256, { clusterId, nodeId });
}

function refuseWithoutLicence({ terms, used }: LicenceBasis, document: ClusterDocument, nowMs: number): void {
  const admission = admitNode(terms, used, document.name, nowMs);
  if (admission.admitted) return;
  const further = terms.length === 0 ? "Start the trial or issue a licence" : "Issue a further licence";
  throw new Refusal(admission.code, admission.reason, `${further}, ${sameToken}.`);
}

function refuseOverLimit({ name, nodes }: ClusterDocument): void {
  if (nodes.length < limits.nodesPerClusterMax) return;
  throw new Refusal(
    "node-limit",
    `cluster ${name} has ${nodes.length} nodes, the most that a cluster may have`,
    `Remove a node that is no longer needed, ${sameToken}; or join another cluster.`,
  );
}

/** Names and listeners are told apart across nodes and witness. `wanted`: where the candidate will listen. */
export function refuseTaken(document: ClusterDocument, candidate: Pick<Candidate, "name">, wanted: readonly string[]): void {
  const members = membersOf(document);
  const namesake = members.find((member) => member.name === candidate.name);
  if (namesake !== undefined) {
    const message = `cluster ${document.name} already has a ${namesake === document.witness ? "witness" : "node"} named ${candidate.name} (${namesake.nodeId})`;
    throw new Refusal("name-taken", message, `Join with another name, or remove the old one first, ${sameToken}.`);
  }
  const neighbour = members.find((member) => listenersOf(member).some((listener) => wanted.includes(listener)));
  if (neighbour !== undefined || new Set(wanted).size < wanted.length) {
    const message = `${wanted.join(" or ")} is ${neighbour === undefined ? "named twice" : `an address of ${neighbour.name} already`}`;
    throw new Refusal("address-taken", message, `Give the agent addresses and ports of its own in its settings, ${sameToken}.`);
  }
}

function listenersOf(
  member: Pick<ClusterNode, "host" | "paths" | "heartbeatPort"> & { readonly replicationPort?: number },
): readonly string[] {
  const { heartbeatPort, replicationPort } = member;
  const ports = [heartbeatPort, ...(replicationPort === undefined ? [] : [replicationPort])];
  return pathsOf(member).flatMap(({ host }) => ports.map((port) => `${host}:${port}`));
}

/** What the document says of how the candidate is known. */
export function certifiedBy({ certificateSha256, certificateTerm }: Candidate): Certified {
  return { certificateSha256, ...(certificateTerm === undefined ? {} : { certificateTerm }) };
}

function nodeFor(document: ClusterDocument, candidate: Candidate): ClusterNode {
  const { nodeId, name, host, paths, heartbeatPort, replicationPort } = candidate;
  const role = document.nodes.some((node) => node.role === "primary") ? "secondary" : "primary";
  const voting = votersOf(document).length === 0;
  const ways = paths === undefined ? { host } : { host, paths };
  return { nodeId: nodeId satisfies NodeId, name, role, voting, ...ways, heartbeatPort, replicationPort, ...certifiedBy(candidate) };
}
