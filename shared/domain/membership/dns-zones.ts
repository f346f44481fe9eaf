import type { GroupName, NodeId } from "../ids.ts";
import type { DnsAnswer, DnsServer } from "./answer-resources.ts";
import type { ClusterDocument, ClusterNode } from "./cluster-document.ts";
import { parseIpAddress } from "./ip-address.ts";
import { oncePerDocument } from "./once-per-document.ts";

/** A zone that the agents are the name servers of. */
export interface DnsZone {
  readonly zone: string;
  /** The name above, in whose zone the delegation stands. */
  readonly parent: string;
  readonly parentServers: readonly DnsServer[];
  /** Every node of the cluster, in ring order. */
  readonly nameServers: readonly NameServer[];
  readonly names: readonly ServedName[];
  /** The least of its names', and how long resolvers may remember that a name does not exist. */
  readonly ttlSeconds: number;
}

export interface NameServer {
  readonly nodeId: NodeId;
  readonly nodeName: string;
  /** A name of the zone above: so it has an address without glue, whatever server holds that zone. It stays when the node's own name changes. */
  readonly domainName: string;
  /** IP addresses; none where the document has only a host name for the node. */
  readonly addresses: readonly string[];
}

export interface ServedName {
  readonly group: GroupName;
  readonly answer: DnsAnswer;
}

/** In the order in which the document first names them. */
export const dnsZonesOf = oncePerDocument((document): readonly DnsZone[] => {
  const names = document.groups.flatMap(({ name: group, resources }) =>
    resources.flatMap((answer): ServedName[] => (answer.kind === "dns-answer" ? [{ group, answer }] : [])),
  );
  return [...Map.groupBy(names, ({ answer }) => answer.zone)].map(([zone, served]) => zoneOf(document, zone, served));
});

function zoneOf({ nodes }: ClusterDocument, zone: string, names: readonly ServedName[]): DnsZone {
  const parent = zone.slice(zone.indexOf(".") + 1);
  const parentServers = new Map(
    names.flatMap(({ answer }) => answer.parentServers.map((server) => [`${server.host} ${server.port}`, server])),
  );
  return {
    zone,
    parent,
    parentServers: [...parentServers.values()],
    nameServers: nodes.map((node) => nameServer(node, parent, names)),
    names,
    ttlSeconds: Math.min(...names.map(({ answer }) => answer.ttlSeconds)),
  };
}

function nameServer({ nodeId, name, host }: ClusterNode, parent: string, names: readonly ServedName[]): NameServer {
  const all = new Set(names.map(({ answer }) => answer.nameServers?.[nodeId] ?? host));
  const addresses = [...all].filter((address) => parseIpAddress(address) !== null);
  return { nodeId, nodeName: name, domainName: `ns-${nodeId.replace(/^node_/, "")}.${parent}`, addresses };
}

/** What the name says where this node holds its group; null where the document has no address of that kind for the node. */
export function addressOf({ nodes }: ClusterDocument, { addresses, type }: DnsAnswer, holder: NodeId): string | null {
  const address = addresses?.[holder] ?? nodes.find(({ nodeId }) => nodeId === holder)?.host;
  return address !== undefined && parseIpAddress(address)?.family === (type === "A" ? 4 : 6) ? address : null;
}
