import type { GroupName, NodeId } from "../ids.ts";
import type { Severity } from "./cluster-event.ts";

/** What becomes of the names of groups. Times in milliseconds. `record`: as `phones.example.com (A)`. */
export type DnsEventDetail =
  /** A name points at the reporter now, at one DNS server. `server`: host and port. */
  | {
      readonly kind: "dns.updated";
      readonly group: GroupName;
      readonly epoch: number;
      readonly record: string;
      readonly server: string;
      readonly address: string;
      readonly durationMs: number;
    }
  /** `server` null: it has not come to asking one. */
  | {
      readonly kind: "dns.update_failed";
      readonly group: GroupName;
      readonly record: string;
      readonly server: string | null;
      readonly reason: string;
    }
  /** Nodes have answered one question differently for so long, when they were asked; and the end of that. */
  | {
      readonly kind: "dns.divergence";
      readonly group: GroupName;
      readonly record: string;
      readonly forMs: number;
      readonly said: readonly NodeSaid[];
    }
  | { readonly kind: "dns.agreement"; readonly group: GroupName; readonly record: string; readonly divergedMs: number }
  /** The zone above does not name just the cluster's nodes as the name servers of `zone`; and the end of that. */
  | { readonly kind: "dns.delegation_stale"; readonly zone: string; readonly reason: string }
  | { readonly kind: "dns.delegation_current"; readonly zone: string; readonly staleMs: number };

/** `answer`: an address, or why there is none. */
export interface NodeSaid {
  readonly node: NodeId;
  readonly answer: string;
}

export const dnsSeverity: Readonly<Record<DnsEventDetail["kind"], Severity>> = {
  "dns.updated": "info",
  "dns.update_failed": "critical",
  "dns.divergence": "critical",
  "dns.agreement": "info",
  "dns.delegation_stale": "warning",
  "dns.delegation_current": "info",
};

export function isDnsEvent(detail: { readonly kind: string }): detail is DnsEventDetail {
  return Object.hasOwn(dnsSeverity, detail.kind);
}

/** `here`: the reporter's name; `nameOf` gives a node's display name for its id. */
export function describeDnsEvent(detail: DnsEventDetail, here: string, nameOf: (node: NodeId) => string): string {
  switch (detail.kind) {
    case "dns.updated":
      return `${detail.record} points at ${here} (${detail.address}) at DNS server ${detail.server}, after ${seconds(detail.durationMs)}`;
    case "dns.update_failed":
      return detail.server === null
        ? `${here} could not point ${detail.record} at itself: ${detail.reason}`
        : `${here} cannot point ${detail.record} at itself at DNS server ${detail.server}, and goes on trying: ${detail.reason}`;
    case "dns.divergence": {
      const said = detail.said.map(({ node, answer }) => `${nameOf(node)} says ${answer}`).join(", ");
      return `the nodes have not agreed on ${detail.record} for ${seconds(detail.forMs)}, so that clients may come to the wrong one: ${said}`;
    }
    case "dns.agreement":
      return `the nodes agree on ${detail.record} again, after ${seconds(detail.divergedMs)}`;
    case "dns.delegation_stale":
      return `the delegation of ${detail.zone} has to be changed (understudy agent dns instructions): ${detail.reason}`;
    case "dns.delegation_current":
      return `the delegation of ${detail.zone} names every node of the cluster, and nobody else, again after ${seconds(detail.staleMs)}`;
  }
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
