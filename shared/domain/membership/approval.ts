import { differences } from "../audit/difference.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { NodeId } from "../ids.ts";
import type { ClusterDocument, Witness } from "./cluster-document.ts";
import { membersOf } from "./members.ts";

/*
 * A second key for dangerous changes (S2, S16). The control plane's key alone signs what a cluster may be asked for at any time; where the cluster has an approver, everything else of
 * its document needs the approver's signature too. What needs it is everything but a short list, so that whatever a document comes to hold is guarded from its first day.
 */

/** Public half of the approver's key: ECDSA over P-256, as in a JWK. The other half lies with a person, on no server of the control plane. */
export interface ApproverKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** What an approver has said, and to which everything guarded of the document must keep until the next approval. */
export interface Approval {
  /** Whose signature the next approval needs; null: nobody's any more. */
  readonly key: ApproverKey | null;
  /** Grows with every approval of a cluster: none that was signed earlier counts again. */
  readonly number: number;
  /** By which certificate each member was known when it was signed. A member's own word for its next one (`Vouched`) needs no approval. */
  readonly certificates: readonly MemberCertificate[];
  /** Over `approvalText`, by the key of the approval before, the first by its own: a JWS without its payload, as `header..signature`. */
  readonly signature: string;
}

export interface MemberCertificate {
  readonly nodeId: NodeId;
  readonly certificateSha256: string;
}

/** What is to be signed: with `signature` it is an approval. */
export type Approvable = Omit<Approval, "signature">;

export function certificatesOf(document: ClusterDocument): readonly MemberCertificate[] {
  return membersOf(document)
    .map(({ nodeId, certificateSha256 }) => ({ nodeId, certificateSha256 }))
    .toSorted(byNodeId);
}

/** Everything of a document that waits for the approver when it changes, as JSON. */
export function guardedParts(document: ClusterDocument): Readonly<Record<string, unknown>> {
  const { version: _version, issuedAt: _at, name: _name, approval, nodes, groups, witness, ...rest } = document;
  return {
    ...rest,
    approver: approval?.key ?? null,
    // The ring's order, roles and votes are the control plane's: what may become of a vote, `freeChangeProblem` says.
    nodes: nodes
      .map(({ certificateSha256: _is, certificateTerm: _term, nextCertificate: _next, role: _role, voting: _voting, ...node }) => node)
      .toSorted(byNodeId),
    // Who is preferred may change, who may run it at all may not.
    groups: groups.map((group) => ({ ...group, order: group.order.toSorted() })),
    ...(witness === undefined ? {} : { witness: guardedWitness(witness) }),
  };
}

function guardedWitness(witness: Witness): object {
  const { voting: _voting, ...rest } = witness;
  if (rest.kind === "cloud") return rest;
  const { certificateSha256: _is, certificateTerm: _term, nextCertificate: _next, ...agent } = rest;
  return agent;
}

/** What the approver signs. It names the cluster, so that an approval of one is none of another. */
export function approvalText(document: ClusterDocument, { key, number, certificates }: Approvable): string {
  const { customerId, clusterId } = document;
  return canonicalJson({ customerId, clusterId, number, certificates, parts: { ...guardedParts(document), approver: key } });
}

/** What an approver is asked about, place by place: what people must read beside the sentences of `describeChange`. */
export function guardedDifferences(before: ClusterDocument, after: ClusterDocument) {
  return differences(signedParts(before), signedParts(after));
}

/** All that a signature covers. */
export function signedParts(document: ClusterDocument): Readonly<Record<string, unknown>> {
  return { ...guardedParts(document), certificates: certificatesOf(document) };
}

/** Whether a document with this approval, in place of `current`, needs a signature of it, and whose; or why no signature helps. */
export type ApprovalNeed =
  | { readonly kind: "none" }
  | { readonly kind: "signature"; readonly of: ApproverKey; readonly text: string; readonly signature: string }
  | { readonly kind: "refused"; readonly reason: string };

export function approvalNeed(current: ClusterDocument, next: ClusterDocument): ApprovalNeed {
  const [pinned, approval] = [current.approval?.key ?? null, next.approval];
  if (pinned === null && (approval?.key ?? null) === null) return { kind: "none" };
  const isFree = isSame(guardedParts(current), guardedParts(next)) && isSame(current.approval, approval);
  const problem = certificateProblem(current, next, isFree) ?? voteProblem(current, next);
  if (problem !== null) return { kind: "refused", reason: problem };
  if (isFree) return { kind: "none" };
  const of = pinned ?? approval?.key ?? null;
  if (approval === undefined || of === null || approval.number <= (current.approval?.number ?? 0))
    return { kind: "refused", reason: unsigned(current, next) };
  return { kind: "signature", of, text: approvalText(next, approval), signature: approval.signature };
}

/** Why a document whose approval does not hold waits. */
export function unsigned(current: ClusterDocument, next: ClusterDocument): string {
  const paths = differences(guardedParts(current), guardedParts(next)).map(({ path }) => path);
  const more = paths.length > pathsToldMax ? ` and ${paths.length - pathsToldMax} more` : "";
  const where = paths.length === 0 ? "this cluster as it is" : `${paths.slice(0, pathsToldMax).join(", ")}${more}`;
  return `the cluster's approver has not signed for ${where} (understudy approver show)`;
}

const pathsToldMax = 5;

/** A member's certificate is the one before, the one that it has announced itself, or, with a new approval, the one that stands in that. */
function certificateProblem(current: ClusterDocument, next: ClusterDocument, isFree: boolean): string | null {
  const approved = isFree ? [] : (next.approval?.certificates ?? []);
  const stranger = membersOf(next).find(({ nodeId, certificateSha256 }) => {
    const known = membersOf(current).find((member) => member.nodeId === nodeId);
    const isOwn = known?.certificateSha256 === certificateSha256 || known?.nextCertificate?.sha256 === certificateSha256;
    return !isOwn && !approved.some((one) => one.nodeId === nodeId && one.certificateSha256 === certificateSha256);
  });
  return stranger === undefined ? null : `the cluster's approver has not signed for the certificate of ${stranger.name}`;
}

/** A node that has its vote keeps it as long as it is a member: two halves with votes of their own would each run everything. */
function voteProblem(current: ClusterDocument, next: ClusterDocument): string | null {
  const silenced = next.nodes.find(({ nodeId, voting }) => !voting && current.nodes.some((node) => node.nodeId === nodeId && node.voting));
  return silenced === undefined ? null : `it takes ${silenced.name} its vote, and leaves it a member`;
}

function byNodeId(one: { readonly nodeId: NodeId }, other: { readonly nodeId: NodeId }): number {
  return one.nodeId < other.nodeId ? -1 : 1;
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}
