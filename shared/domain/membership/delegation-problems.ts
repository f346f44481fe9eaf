import type { NodeId } from "../ids.ts";
import type { DnsZone } from "./dns-zones.ts";
import { isSameAddress, parseIpAddress } from "./ip-address.ts";

/** What was found when servers were asked about one zone. */
export interface DelegationSeen {
  readonly parents: readonly ParentSeen[];
  readonly nodes: readonly NodeSeen[];
}

export interface ParentSeen {
  /** As `192.0.2.1:53`. */
  readonly server: string;
  /** Null: it gave no answer that can be used, for this reason; else the name servers that it refers to, none where there is no delegation. */
  readonly nameServers: readonly DelegatedServer[] | null;
  readonly reason: string;
}

export interface DelegatedServer {
  readonly domainName: string;
  readonly addresses: readonly string[];
}

/** Whether a node answers for the zone; `problem` null: it does. */
export interface NodeSeen {
  readonly nodeId: NodeId;
  readonly address: string;
  readonly problem: string | null;
}

/**
 * `delegation`: it has to be changed; `server`: a server of the zone above cannot be asked; `node`: a node does not answer, or the
 * document has no address for it. In words, for a person.
 */
export interface DelegationProblem {
  readonly of: "delegation" | "server" | "node";
  readonly text: string;
}

/** Everything that is wrong, at once. A name server may have any name: by its addresses it is a node or not. */
export function delegationProblems(zone: DnsZone, { parents, nodes }: DelegationSeen): readonly DelegationProblem[] {
  return [
    ...zone.nameServers.flatMap(({ nodeName, addresses }) =>
      addresses.length > 0
        ? []
        : [problem("node", `${nodeName} has no IP address in the cluster document: give it one under nameServers of the resource`)],
    ),
    ...parents.flatMap((parent) => parentProblems(zone, parent)),
    ...nodes.flatMap(({ nodeId, address, problem: found }) =>
      found === null ? [] : [problem("node", `${nameOf(zone, nodeId)} does not answer for ${zone.zone} at ${address}: ${found}`)],
    ),
  ];
}

function parentProblems(zone: DnsZone, { server, nameServers, reason }: ParentSeen): readonly DelegationProblem[] {
  if (nameServers === null)
    return [problem("server", `DNS server ${server} cannot be asked for the delegation of ${zone.zone}: ${reason}`)];
  if (nameServers.length === 0)
    return [problem("delegation", `DNS server ${server} does not delegate ${zone.zone}${reason === "" ? "" : `: ${reason}`}`)];
  const listed = nameServers.flatMap(({ addresses }) => addresses);
  return [
    ...nameServers.flatMap(({ domainName, addresses }) => [
      ...(addresses.length > 0 ? [] : [problem("delegation", `DNS server ${server} lists ${domainName}, which has no address there`)]),
      ...addresses
        .filter((address) => !zone.nameServers.some((node) => holds(node.addresses, address)))
        .map((address) => problem("delegation", `DNS server ${server} lists ${domainName} (${address}), which is no node of the cluster`)),
    ]),
    ...zone.nameServers.flatMap((node) =>
      node.addresses
        .filter((address) => !holds(listed, address))
        .map((address) => problem("delegation", `DNS server ${server} does not list ${node.nodeName} (${address})`)),
    ),
  ];
}

/** However the two are spelled. */
function holds(addresses: readonly string[], wanted: string): boolean {
  const parsed = parseIpAddress(wanted);
  return addresses.some((address) => {
    const one = parseIpAddress(address);
    return one !== null && parsed !== null && isSameAddress(one, parsed);
  });
}

function nameOf({ nameServers }: DnsZone, node: NodeId): string {
  return nameServers.find(({ nodeId }) => nodeId === node)?.nodeName ?? node;
}

function problem(of: DelegationProblem["of"], text: string): DelegationProblem {
  return { of, text };
}

/** What a watcher knows of a zone's delegation. Times on its own monotonic clock. */
export interface DelegationStanding {
  /** Since when it has to be changed; null: it is right, or nobody could be asked yet. */
  readonly staleSinceMs: number | null;
  /** What was told of it last. */
  readonly reason: string;
}

export const delegationUnknown: DelegationStanding = { staleSinceMs: null, reason: "" };

export type DelegationEdge = { readonly kind: "stale"; readonly reason: string } | { readonly kind: "current"; readonly staleMs: number };

/** Told when it becomes stale, when that is for other reasons (a further change of members), and when it is right again (I-101). */
export function judgedDelegation(
  before: DelegationStanding,
  look: { readonly atMs: number; readonly problems: readonly DelegationProblem[]; readonly seen: DelegationSeen },
): { readonly standing: DelegationStanding; readonly edge: DelegationEdge | null } {
  const { atMs, problems, seen } = look;
  const reason = problems.flatMap(({ of, text }) => (of === "delegation" ? [text] : [])).join("; ");
  if (reason !== "") {
    const standing = { staleSinceMs: before.staleSinceMs ?? atMs, reason };
    return { standing, edge: reason === before.reason ? null : { kind: "stale", reason } };
  }
  // Where one cannot be asked nobody knows that it is right there, too.
  const isUnknown = seen.parents.some(({ nameServers }) => nameServers === null);
  if (before.staleSinceMs === null || isUnknown) return { standing: before, edge: null };
  return { standing: delegationUnknown, edge: { kind: "current", staleMs: atMs - before.staleSinceMs } };
}
