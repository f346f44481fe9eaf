import type { NodeId } from "../ids.ts";
import type { Severity } from "./cluster-event.ts";

/** What the control plane alone can tell, beside licences; no node can. Times in milliseconds. */
export type ControlPlaneEventDetail =
  /** No node of the cluster has had contact with the cloud for so long: what works there, nobody can tell. */
  | { readonly kind: "site.silent"; readonly nodes: number; readonly silentMs: number }
  | { readonly kind: "site.returned"; readonly awayMs: number }
  /** A node has told something that cannot be taken in, and is lost for that: an event of `what` kind, as it says itself. */
  | { readonly kind: "event.refused"; readonly node: NodeId; readonly what: string; readonly reason: string }
  /** Somebody asked for a message that shows the way to the subscribers. */
  | { readonly kind: "alerts.test"; readonly by: string };

type ControlPlaneEventKind = ControlPlaneEventDetail["kind"];

export const controlPlaneSeverity: Readonly<Record<ControlPlaneEventKind, Severity>> = {
  "site.silent": "critical",
  "site.returned": "info",
  "event.refused": "warning",
  "alerts.test": "info",
};

export function isControlPlaneEvent(detail: { readonly kind: string }): detail is ControlPlaneEventDetail {
  return Object.hasOwn(controlPlaneSeverity, detail.kind);
}

export function describeControlPlaneEvent(detail: ControlPlaneEventDetail, nameOf: (node: NodeId) => string): string {
  switch (detail.kind) {
    case "site.silent":
      return `the whole site is silent: none of its ${detail.nodes} nodes has had contact with the cloud for ${wholeSeconds(detail.silentMs)}; what runs there may go on`;
    case "site.returned":
      return `the site has contact with the cloud again after ${wholeSeconds(detail.awayMs)}`;
    case "event.refused":
      return `an event of ${nameOf(detail.node)} (${detail.what}) could not be taken in, and what it told is missing here: ${detail.reason}`;
    case "alerts.test":
      return `this is a test of the way to you, asked for by ${detail.by}; nothing has happened`;
  }
}

function wholeSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
