import { describe, expect, it } from "vitest";
import { balancedServices, haproxyConfiguration } from "../../../agent/answers/haproxy-configuration.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { testDocument, testNode } from "../cluster-signer.ts";

const node = (number: number, change: Partial<ClusterNode>): ClusterNode => ({
  ...testNode(number, String(number).repeat(64), { heartbeat: 7_400, replication: 7_401 }),
  ...change,
});
const nodes = [
  node(1, { host: "192.0.2.1" }),
  node(2, { host: "2001:db8::2", name: "desk (spare)" }),
  node(3, { host: "c.lan", name: "node_b" }),
];
const web = { kind: "balancer-answer", name: "web", mode: "http", listenPort: 80, servicePort: 8_080 } as const;
const group = {
  name: "default" as GroupName,
  order: nodes.toReversed().map(({ nodeId }) => nodeId),
  resources: [{ kind: "service", name: "sample" } as const, web],
  failback: { mode: "manual" } as const,
};

describe("a balancer's configuration", () => {
  it("says of each balancer answer what the document does, with the nodes in the group's order", () => {
    const document = testDocument(nodes, { groups: [group] });
    const services = balancedServices(document, 7_480);
    expect(services).toEqual([
      {
        name: "web",
        group: "default",
        mode: "http",
        listenPort: 80,
        check: { port: 7_480, path: "/groups/default" },
        servers: [
          { name: "node_b", host: "c.lan", port: 8_080 },
          { name: "desk--spare-", host: "2001:db8::2", port: 8_080 },
          { name: "node-a", host: "192.0.2.1", port: 8_080 },
        ],
      },
    ]);
    expect(haproxyConfiguration(document, services)).toContain("server desk--spare- [2001:db8::2]:8080\n");
  });

  it("nodes whose names look the same to HAProxy are told apart by their ids", () => {
    const alike = [node(1, { name: "front desk" }), node(2, { name: "front-desk" })];
    const order = alike.map(({ nodeId }) => nodeId);
    const [service] = balancedServices(testDocument(alike, { groups: [{ ...group, order }] }), 7_480);
    expect(service?.servers.map(({ name }) => name)).toEqual(order);
  });
});
