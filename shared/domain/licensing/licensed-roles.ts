import type { NodeId } from "../ids.ts";
import { grantedBy } from "./capacity.ts";
import type { Entitlement, LicensedMember } from "./licence.ts";
import { type LicenceTerm, standingOf, termsInForce } from "./licence-term.ts";

/** A node as licences see it. */
export interface LicensedNode {
  readonly nodeId: NodeId;
  readonly role: "primary" | "secondary";
  /** Of its network interfaces, lower case; empty where it has told none. */
  readonly hardwareAddresses: readonly string[];
}

/** The entry that names the node, and the licence that it stands in; of several the one of the licence that began last. */
export function entryOf(
  inForce: readonly LicenceTerm[],
  hardwareAddresses: readonly string[],
): { readonly licenceId: string; readonly member: LicensedMember } | null {
  const newestFirst = inForce.toSorted((one, other) => other.validFromMs - one.validFromMs);
  for (const { licenceId, members } of newestFirst) {
    const member = members.find(({ hardwareAddress }) => hardwareAddresses.includes(hardwareAddress));
    if (member !== undefined) return { licenceId, member };
  }
  return null;
}

/** The node that the licences name as primary; null where they name none that is here. */
export function namedPrimary(
  inForce: readonly LicenceTerm[],
  nodes: readonly LicensedNode[],
): { readonly nodeId: NodeId; readonly licenceId: string } | null {
  for (const { nodeId, hardwareAddresses } of nodes) {
    const entry = entryOf(inForce, hardwareAddresses);
    if (entry?.member.role === "primary") return { nodeId, licenceId: entry.licenceId };
  }
  return null;
}

/**
 * Each node's role: whom the licences name is primary, and all others are secondary. Where they name nobody who is here, what was set stays, except
 * that a node which they name as secondary is never the primary.
 */
export function rolesFor(inForce: readonly LicenceTerm[], nodes: readonly LicensedNode[]): ReadonlyMap<NodeId, "primary" | "secondary"> {
  const named = namedPrimary(inForce, nodes);
  return new Map(
    nodes.map(({ nodeId, role, hardwareAddresses }) => {
      if (named !== null) return [nodeId, named.nodeId === nodeId ? "primary" : "secondary"];
      return [nodeId, entryOf(inForce, hardwareAddresses)?.member.role === "secondary" ? "secondary" : role];
    }),
  );
}

/** What a node may do by the licences in force, all three where there is none: without a licence nothing can be added anyway, and what is here goes on. */
export function entitlementsOf(terms: readonly LicenceTerm[], node: LicensedNode, nowMs: number): readonly Entitlement[] {
  const inForce = termsInForce(terms, nowMs);
  const own = entryOf(inForce, node.hardwareAddresses)?.member.entitlements;
  const all: readonly Entitlement[] = ["replication", "active_cluster_member", "provisioning_master"];
  if (inForce.length === 0) return all;
  const granted = grantedBy(inForce);
  return all.filter((entitlement) => granted.has(entitlement) && (own === undefined || own.includes(entitlement)));
}

/** Why the licence cannot be taken beside the others: servers that would have two roles. Empty: it can. */
export function contradictions(licence: LicenceTerm, others: readonly LicenceTerm[], nowMs: number): readonly string[] {
  const primaries = licence.members.filter(({ role }) => role === "primary").map(({ hardwareAddress }) => hardwareAddress);
  const addresses = licence.members.map(({ hardwareAddress }) => hardwareAddress);
  const doubled = [...new Set(addresses.filter((address, at) => addresses.indexOf(address) !== at))];
  const within = [
    ...(primaries.length > 1 ? [`it names ${primaries.length} primaries (${primaries.join(", ")}): a cluster has one`] : []),
    ...doubled.map((address) => `it names ${address} twice`),
  ];
  const counting = others.filter((other) => other.licenceId !== licence.licenceId && standingOf(other, nowMs) !== "lapsed");
  const between = counting.flatMap(({ licenceId, members }) =>
    members
      .filter(({ role }) => role === "primary")
      .flatMap(({ hardwareAddress }) => {
        if (primaries.length === 0 || primaries.includes(hardwareAddress)) return [];
        return [`it names ${primaries.join(", ")} as the primary, and licence ${licenceId} names ${hardwareAddress}`];
      }),
  );
  return [...within, ...between];
}
