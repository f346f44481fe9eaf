import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { DnsAnswer } from "../../../shared/domain/membership/answer-resources.ts";
import type { ClusterDocument, PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

/** Under the parent zone of bind-server.ts. */
export const answeredZone = "live.example.test";
export const answeredName = "phones.live.example.test";
export const nodeIds = [1, 2, 3].map((number) => testNodeId(number) as NodeId);

export function dnsAnswer(name: string, change: Partial<DnsAnswer> = {}): DnsAnswer {
  const parentServers = [{ host: "127.0.0.1", port: 53 }];
  return { kind: "dns-answer", name, zone: answeredZone, domainName: answeredName, type: "A", ttlSeconds: 2, parentServers, ...change };
}

export function groupWith(resources: PriorityGroup["resources"], name = "default", order = nodeIds): PriorityGroup {
  return { name: name as GroupName, order, resources, failback: { mode: "manual" } };
}

/** Three nodes, each at an address of its own. */
export function answeringDocument(groups: readonly PriorityGroup[], hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]): ClusterDocument {
  const nodes = hosts.map((host, index) => ({
    ...testNode(index + 1, String(index).repeat(64), { heartbeat: 7_000, replication: 7_001 }),
    host,
  }));
  return testDocument(nodes, { groups });
}
