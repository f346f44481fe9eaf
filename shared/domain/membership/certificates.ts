import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "./cluster-document.ts";
import { membersOf } from "./members.ts";

/** From when to when a certificate is good: ISO 8601 in UTC. */
export interface CertificateTerm {
  readonly from: string;
  readonly until: string;
}

/** The member's own word for its next certificate: nobody else can give a member another one, not whoever has the control plane's key either. */
export interface Vouched {
  /** The present one: its DER, base64. */
  readonly certificate: string;
  /** By the present one's key, over `nextCertificateText` (protocol/certificate-schemas.ts): base64url, ECDSA with SHA-256, IEEE P1363. */
  readonly signature: string;
}

/** A certificate that a member is about to show in place of its present one. Until that is settled both are the member's. */
export interface NextCertificate {
  /** Of its DER, lower-case hex. */
  readonly sha256: string;
  readonly term: CertificateTerm;
  /** The first version of the document that names it: who acts on that one, or a newer one, knows it. */
  readonly sinceVersion: number;
  /** Wall-clock time of that version, ISO 8601 in UTC. */
  readonly since: string;
  readonly vouched: Vouched;
}

/** By what a member is known on the LAN and in the cloud. */
export interface Certified {
  /** SHA-256 of the member's certificate (DER), lower-case hex: the identity that mutual TLS checks. */
  readonly certificateSha256: string;
  /** Absent of members that were enrolled before certificates were renewed: unknown. */
  readonly certificateTerm?: CertificateTerm;
  /** Absent: none is on its way. */
  readonly nextCertificate?: NextCertificate;
}

/** Whoever shows one of these is the member; the newest first. */
export function fingerprintsOf({ certificateSha256, nextCertificate }: Certified): readonly string[] {
  return nextCertificate === undefined ? [certificateSha256] : [nextCertificate.sha256, certificateSha256];
}

/** The one that the member is asked to show. */
export function newestFingerprint(member: Certified): string {
  return member.nextCertificate?.sha256 ?? member.certificateSha256;
}

/** What of a node's report counts here. */
export interface CertificateReport {
  readonly nodeId: NodeId;
  readonly documentVersion: number;
  readonly certificateSha256?: string;
}

const hourMs = 3_600_000;
/**
 * For how long the certificate before is good beside the next one. At least: connections change over within seconds, and one that could not has time to
 * try again. At most: where somebody has not heard of the next one.
 */
export const certificateOverlapMs = { least: hourMs, most: 7 * 24 * hourMs } as const;

/**
 * The members whose next certificate becomes their only one now: they show it themselves, and everybody else knows it, or has had all the
 * overlap to hear of it. So nobody is ever asked to know a member by a certificate that it has not been told of. A change of keys is no change of members.
 */
export function settledCertificates(
  document: ClusterDocument,
  reports: readonly CertificateReport[],
  now: { readonly nowMs: number; readonly msOf: (timestamp: string) => number },
): readonly NodeId[] {
  const members = membersOf(document);
  const versions = new Map(reports.map(({ nodeId, documentVersion }) => [nodeId, documentVersion]));
  return members.flatMap(({ nodeId, nextCertificate: next }) => {
    if (next === undefined) return [];
    const isShown = reports.some((report) => report.nodeId === nodeId && report.certificateSha256 === next.sha256);
    const isKnown = members.every((member) => (versions.get(member.nodeId) ?? 0) >= next.sinceVersion);
    const sinceMs = now.nowMs - now.msOf(next.since);
    const isDue = sinceMs >= (isKnown ? certificateOverlapMs.least : certificateOverlapMs.most);
    return isShown && isDue ? [nodeId] : [];
  });
}

/** The member with another certificate as its only one. */
export function withCertificate<Member extends Certified>(
  { nextCertificate: _next, certificateTerm: _term, ...rest }: Member,
  certificate: Pick<Certified, "certificateSha256" | "certificateTerm">,
): Member {
  return { ...rest, ...certificate } as Member;
}

/** The member with its next certificate as its only one. */
export function withNextAlone<Member extends Certified>(member: Member): Member {
  const { nextCertificate: next } = member;
  return next === undefined ? member : withCertificate(member, { certificateSha256: next.sha256, certificateTerm: next.term });
}
