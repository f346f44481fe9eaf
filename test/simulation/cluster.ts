import type { ClusterId, CustomerId, GroupName, NodeId, PathName } from "../../shared/domain/ids.ts";
import type {
  AgentWitness,
  CloudWitness,
  ClusterDocument,
  PriorityGroup,
  Witness,
} from "../../shared/domain/membership/cluster-document.ts";
import { type LanPath, mainPath } from "../../shared/domain/membership/lan-path.ts";
import type { Resource } from "../../shared/domain/membership/resource.ts";
import type { SwarmOptions } from "./swarm.ts";

export const groupName = "default" as GroupName;

/** One group of a simulated cluster, before it is known who belongs to the cluster. */
export interface SimulatedGroup {
  readonly name: GroupName;
  readonly failback: "manual" | "automatic";
  /** Preferred first, members or not; null: in the order in which the nodes joined. */
  readonly preference: readonly NodeId[] | null;
}

/** A group goes back to its preferred node once that has been fit for so long; short, so that runs show it. */
export const stableForMs = 1_000;

export const dataSetName = "application";

export function nodeIdOf(index: number): NodeId {
  return `node_${String.fromCharCode(97 + index).repeat(20)}` as NodeId;
}

/** Of the witness, where a cluster has one: `w`. */
export const witnessId = nodeIdOf(22);

/** No node: what answers everybody whose cable is whole. */
export const gatewayId = "gateway" as NodeId;

/** `a`, `b`, ...: for logs. */
export function shortName(node: NodeId): string {
  return node.slice(-1);
}

/** The networks that every simulated node is on; the first has no name of its own in a document. */
export function pathNames({ furtherPaths }: Pick<SwarmOptions, "furtherPaths">): readonly PathName[] {
  return [mainPath, ...["lan-b", "lan-c"].slice(0, furtherPaths)] as PathName[];
}

/** The DNS servers that a group's name is at, and the key that its updates are signed with. */
export const nameServerHosts = ["ns1.test", "ns2.test"] as const;
export const namesKey = "names";

/** What a control plane would have signed. */
export function clusterDocument(
  options: Pick<SwarmOptions, "documentTiming" | "groups" | "on" | "furtherPaths" | "whenAlone" | "hasCloudWitness">,
  version: number,
  members: readonly NodeId[],
  learners: ReadonlySet<NodeId> = new Set(),
  witness: Pick<Witness, "voting"> | null = null,
): ClusterDocument {
  return {
    schema: 1,
    customerId: "cust_00000000000000000000" as CustomerId,
    clusterId: "clus_00000000000000000000" as ClusterId,
    name: "simulated",
    version,
    issuedAt: "2026-01-01T00:00:00.000Z",
    nodes: members.map((nodeId, index) => ({
      nodeId,
      name: shortName(nodeId),
      role: index === 0 ? "primary" : "secondary",
      voting: !learners.has(nodeId),
      host: `192.0.2.${index + 1}`,
      ...(options.furtherPaths === 0 ? {} : { paths: furtherPathsOf(options, index) }),
      heartbeatPort: 7001,
      replicationPort: 7002,
      certificateSha256: nodeId.slice(-1).charCodeAt(0).toString(16).padStart(64, "0"),
    })),
    groups: options.groups.map((group, index) =>
      priorityGroup(group, members, options.whenAlone === "probe" ? index : null, options.on.has("names")),
    ),
    dataSets: options.on.has("replication") ? [{ kind: "sqlite", name: dataSetName, local: [] }] : [],
    timing: options.documentTiming,
    ...(options.whenAlone === "stop" ? {} : { whenAlone: options.whenAlone }),
    ...(witness === null
      ? {}
      : { witness: { ...(options.hasCloudWitness === true ? witnessInCloud : witnessMachine), voting: witness.voting } }),
  };
}

const witnessInCloud: Omit<CloudWitness, "voting"> = { kind: "cloud", nodeId: witnessId, name: "the control plane" };

const witnessMachine: Omit<AgentWitness, "voting"> = {
  kind: "agent",
  nodeId: witnessId,
  name: shortName(witnessId),
  host: "192.0.2.100",
  heartbeatPort: 7001,
  certificateSha256: "77".padStart(64, "0"),
};

function furtherPathsOf(options: Pick<SwarmOptions, "furtherPaths">, index: number): readonly LanPath[] {
  const [, ...names] = pathNames(options);
  return names.map((name, number) => ({ name, host: `198.51.100.${number * 16 + index + 1}` }));
}

/** With an address where there is somebody who probes it. */
function priorityGroup(
  { name, failback, preference }: SimulatedGroup,
  members: readonly NodeId[],
  addressNumber: number | null,
  hasName: boolean,
): PriorityGroup {
  const service: Resource = { kind: "service", name: name === groupName ? "application" : `application of ${name}` };
  const address: Resource = { kind: "address", name: `${service.name} address`, address: `192.0.2.${200 + (addressNumber ?? 0)}/24` };
  return {
    name,
    order: preference === null ? members : preference.filter((node) => members.includes(node)),
    resources: [service, ...(addressNumber === null ? [] : [address]), ...(hasName ? [nameOf(name, members)] : [])],
    failback: failback === "automatic" ? { mode: "automatic", stableForMs } : { mode: "manual" },
  };
}

/** Each node's address is its own, whoever else belongs to the cluster. */
function nameOf(group: GroupName, members: readonly NodeId[]): Resource {
  return {
    kind: "dns-record",
    name: `name of ${group}`,
    zone: "test",
    domainName: `${group}.test`,
    type: "A",
    ttlSeconds: 5,
    servers: nameServerHosts.map((host) => ({ host, port: 53 })),
    tsigKey: namesKey,
    addresses: Object.fromEntries(members.map((node) => [node, `203.0.113.${node.charCodeAt("node_".length)}`])),
  };
}
