import type { NodeId } from "../ids.ts";
import type { Severity } from "./cluster-event.ts";

/** What the control plane tells of a cluster's licences; no node can. Days are whole, instants ISO 8601 UTC, amounts nodes or users with devices. */
export type LicenceEventDetail =
  | {
      readonly kind: "licence.expiring";
      readonly trial: boolean;
      readonly daysLeft: number;
      readonly endsAt: string;
      /** The same as `endsAt` where there is no grace. */
      readonly graceEndsAt: string;
    }
  | {
      readonly kind: "licence.grace";
      readonly trial: boolean;
      readonly daysLeft: number;
      readonly endedAt: string;
      readonly graceEndsAt: string;
    }
  | { readonly kind: "licence.lapsed"; readonly trial: boolean; readonly lapsedAt: string }
  | ({ readonly kind: "licence.nearly-used" } & Usage)
  | ({ readonly kind: "licence.overused" } & Usage)
  | ({ readonly kind: "licence.covers-again" } & Usage)
  /** The licence names `node` as the primary, and it was not. */
  | { readonly kind: "licence.role-changed"; readonly node: NodeId; readonly from: NodeId | null; readonly licenceId: string };

interface Usage {
  readonly nodes: number;
  readonly nodesLicensed: number;
  readonly users: number;
  readonly usersLicensed: number;
}

type LicenceEventKind = LicenceEventDetail["kind"];

/** Nothing that runs ever stops for a licence, so that none of them is critical but the one after which nothing can be added. */
export const licenceSeverity: Readonly<Record<LicenceEventKind, Severity>> = {
  "licence.expiring": "warning",
  "licence.grace": "warning",
  "licence.lapsed": "critical",
  "licence.nearly-used": "warning",
  "licence.overused": "warning",
  "licence.covers-again": "info",
  "licence.role-changed": "warning",
};

export function isLicenceEvent(detail: { readonly kind: string }): detail is LicenceEventDetail {
  return Object.hasOwn(licenceSeverity, detail.kind);
}

/** `nameOf` gives a node's display name for its id. */
export function describeLicenceEvent(detail: LicenceEventDetail, nameOf: (node: NodeId) => string): string {
  switch (detail.kind) {
    case "licence.expiring":
      return `the ${termWord(detail)} ends in ${days(detail.daysLeft)}, on ${dayOf(detail.endsAt)}; ${afterwards(detail)}`;
    case "licence.grace":
      return `the ${termWord(detail)} ended on ${dayOf(detail.endedAt)}: everything goes on for ${days(detail.daysLeft)} more; from ${dayOf(detail.graceEndsAt)} on nothing can be added or configured, and what runs goes on`;
    case "licence.lapsed":
      return `the ${termWord(detail)} has lapsed: nodes, groups and data sets cannot be added or configured until there is another; what runs goes on, failover included`;
    case "licence.nearly-used":
      return `nine tenths of the licences are used: ${usage(detail)}`;
    case "licence.overused":
      return `more is in use than licensed: ${usage(detail)}; everything goes on, and a further licence puts it right`;
    case "licence.covers-again":
      return `the licences cover everything again: ${usage(detail)}`;
    case "licence.role-changed":
      return `${nameOf(detail.node)} is the primary now${detail.from === null ? "" : ` in place of ${nameOf(detail.from)}`}, because licence ${detail.licenceId} names it; nothing was restarted`;
  }
}

function termWord({ trial }: { readonly trial: boolean }): string {
  return trial ? "trial" : "licence";
}

function afterwards({ endsAt, graceEndsAt }: { readonly endsAt: string; readonly graceEndsAt: string }): string {
  if (graceEndsAt === endsAt) return "from then on nothing can be added or configured, and what runs goes on";
  return `everything goes on until ${dayOf(graceEndsAt)} even then`;
}

function usage({ nodes, nodesLicensed, users, usersLicensed }: Usage): string {
  return `${nodes} of ${nodesLicensed} nodes, ${users} of ${usersLicensed} users and devices`;
}

function days(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
