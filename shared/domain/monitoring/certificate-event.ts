import type { NodeId } from "../ids.ts";
import type { Severity } from "./cluster-event.ts";

/** What becomes of the certificates by which nodes know each other. Instants ISO 8601 UTC. */
export type CertificateEventDetail =
  /** Told by the node itself: the one before is nobody's any more. `sha256`: of the new one. */
  | { readonly kind: "certificate.rotated"; readonly sha256: string; readonly expiresAt: string }
  /** Told by the control plane: it should have been renewed by itself before. */
  | { readonly kind: "certificate.expiring"; readonly node: NodeId; readonly daysLeft: number; readonly expiresAt: string }
  | { readonly kind: "certificate.expired"; readonly node: NodeId; readonly expiresAt: string };

export const certificateSeverity: Readonly<Record<CertificateEventDetail["kind"], Severity>> = {
  "certificate.rotated": "info",
  "certificate.expiring": "warning",
  "certificate.expired": "critical",
};

export function isCertificateEvent(detail: { readonly kind: string }): detail is CertificateEventDetail {
  return Object.hasOwn(certificateSeverity, detail.kind);
}

/** `here`: the reporter's name; `nameOf` gives a node's display name for its id. */
export function describeCertificateEvent(detail: CertificateEventDetail, here: string, nameOf: (node: NodeId) => string): string {
  switch (detail.kind) {
    case "certificate.rotated":
      return `${here} has a new key and certificate, good until ${dayOf(detail.expiresAt)}; the ones before are nobody's any more`;
    case "certificate.expiring":
      return `the certificate of ${nameOf(detail.node)} expires in ${detail.daysLeft === 1 ? "1 day" : `${detail.daysLeft} days`}, on ${dayOf(detail.expiresAt)}, and it has not renewed it by itself: see that its agent runs and reaches the control plane`;
    case "certificate.expired":
      return `the certificate of ${nameOf(detail.node)} has expired, on ${dayOf(detail.expiresAt)}: the control plane takes nothing from it any more, while its peers go on with it; make a token for it and run there: understudy agent certificate renew`;
  }
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
