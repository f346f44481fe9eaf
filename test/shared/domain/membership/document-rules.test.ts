import { describe, expect, it } from "vitest";
import { failoverSettings } from "../../../../shared/config/timing.ts";
import type { GroupName, NodeId, PathName } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument, ClusterNode } from "../../../../shared/domain/membership/cluster-document.ts";
import { documentProblems } from "../../../../shared/domain/membership/document-rules.ts";
import type { LanPath } from "../../../../shared/domain/membership/lan-path.ts";

const node = (name: string, change: Partial<ClusterNode> = {}): ClusterNode => ({
  nodeId: name as NodeId,
  name,
  role: "secondary",
  voting: true,
  host: `${name}.lan`,
  heartbeatPort: 7_000,
  replicationPort: 7_001,
  certificateSha256: name,
  ...change,
});
const paths = (...named: readonly (readonly [string, string])[]): readonly LanPath[] =>
  named.map(([name, host]) => ({ name: name as PathName, host }));
const group = (name: string, order: string[], services: string[] = [], addresses: string[] = []) => ({
  name: name as GroupName,
  order: order as NodeId[],
  resources: [
    ...services.map((service) => ({ kind: "service" as const, name: service })),
    ...addresses.map((address, index) => ({ kind: "address" as const, name: `${name}-${index}`, address })),
  ],
  failback: { mode: "manual" as const },
});
const answer = (name: string, listenPort: number) => ({ kind: "balancer-answer", name, mode: "tcp", listenPort, servicePort: 80 }) as const;
const dnsRecord = (name: string, domainName: string) =>
  ({
    kind: "dns-record",
    name,
    zone: "ha.test",
    domainName,
    type: "A",
    ttlSeconds: 5,
    servers: [{ host: "ns", port: 53 }],
    tsigKey: "key",
  }) as const;
const dnsAnswer = (name: string, domainName: string, zone = "live.test") =>
  ({ kind: "dns-answer", name, zone, domainName, type: "A", ttlSeconds: 5, parentServers: [{ host: "ns", port: 53 }] }) as const;
const document = (change: Partial<ClusterDocument>): ClusterDocument => ({
  schema: 1,
  customerId: "c" as ClusterDocument["customerId"],
  clusterId: "k" as ClusterDocument["clusterId"],
  name: "front desk",
  version: 1,
  issuedAt: "2026-01-01T00:00:00Z",
  nodes: [node("a"), node("b")],
  groups: [group("default", ["a", "b"], ["phones"])],
  dataSets: [],
  timing: "default",
  ...change,
});
const problems = (change: Partial<ClusterDocument>) =>
  documentProblems(document(change), failoverSettings).map(({ path, message }) => `${path}: ${message}`);

describe("cluster document: what must hold across its parts", () => {
  it("a sound document has no problems, an empty cluster neither", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ nodes: [], groups: [group("default", [])] })).toEqual([]);
  });

  it.each<[string, Partial<ClusterDocument>, string[]]>([
    ["a group orders a stranger", { groups: [group("default", ["a", "x"])] }, ["groups.0.order.1: x is not a node of this cluster"]],
    ["a group orders a node twice", { groups: [group("default", ["a", "a"])] }, ["groups.0.order.1: a occurs twice"]],
    ["the group default is missing", { groups: [group("phones", ["a"])] }, ["groups: the group default is missing: every cluster has it"]],
    [
      "a service in two groups",
      { groups: [group("default", [], ["p"]), group("two", [], ["p"])] },
      ["groups.1.resources.0: service p is already a resource of group default: it may belong to one group only"],
    ],
    [
      "an address in two groups, spelled differently",
      { groups: [group("default", [], ["p"], ["2001:db8::10/64"]), group("two", [], [], ["2001:DB8:0::10/64"])] },
      ["groups.1.resources.0.address: 2001:DB8:0::10/64 is already address default-0 of group default: it may belong to one group only"],
    ],
    [
      "an address that is a node's own",
      { nodes: [node("a", { host: "192.0.2.1" }), node("b")], groups: [group("default", [], [], ["192.0.2.1/24"])] },
      ["groups.0.resources.0.address: 192.0.2.1/24 is the host of node a: a virtual address belongs to no node"],
    ],
    [
      "an address that no host may have, and one twice: all at once",
      { groups: [group("default", [], [], ["192.0.2.255/24", "192.0.2.255/24"])] },
      [
        "groups.0.resources.0.address: 192.0.2.255/24 cannot be a virtual address: it is the broadcast address of its subnet",
        "groups.0.resources.1.address: 192.0.2.255/24 cannot be a virtual address: it is the broadcast address of its subnet",
        "groups.0.resources.1.address: 192.0.2.255/24 is already address default-0 of group default: it may belong to one group only",
      ],
    ],
    [
      "two primaries",
      { nodes: [node("a", { role: "primary" }), node("b", { role: "primary" })] },
      ["nodes: 2 nodes are primary: at most one may be"],
    ],
    ["one name twice", { nodes: [node("a"), node("b", { name: "a" })] }, ["nodes.1.name: a occurs twice"]],
    [
      "one listener twice",
      { nodes: [node("a"), node("b", { host: "a.lan" })] },
      [
        "nodes.1.heartbeatPort: a.lan:7000 is used twice: every listener needs an address of its own",
        "nodes.1.replicationPort: a.lan:7001 is used twice: every listener needs an address of its own",
      ],
    ],
    [
      "further paths: an address that another node has, one's own address once more",
      {
        nodes: [
          node("a", { paths: paths(["lan-b", "10.0.0.1"], ["lan-c", "10.0.0.2"]) }),
          node("b", { paths: paths(["lan-b", "10.0.0.1"], ["lan-c", "b.lan"]) }),
        ],
      },
      [
        "nodes.1.paths.0.host: 10.0.0.1:7000 is used twice: every listener needs an address of its own",
        "nodes.1.paths.0.host: 10.0.0.1:7001 is used twice: every listener needs an address of its own",
        "nodes.1.paths.1.host: b.lan:7000 is used twice: every listener needs an address of its own",
        "nodes.1.paths.1.host: b.lan:7001 is used twice: every listener needs an address of its own",
      ],
    ],
    [
      "one data set twice",
      { dataSets: ["d", "d"].map((name) => ({ kind: "sqlite" as const, name, local: [] })) },
      ["dataSets.1.name: d occurs twice"],
    ],
  ])("%s", (_situation, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });

  it("a DNS name has one record of a kind, and lies in its zone", () => {
    const groups = [
      { ...group("default", ["a"]), resources: [dnsRecord("one", "phones.ha.test"), dnsRecord("zone", "ha.test")] },
      { ...group("paging", ["b"]), resources: [dnsRecord("two", "phones.ha.test"), dnsRecord("beside", "phones.aha.test")] },
    ];
    expect(problems({ groups })).toEqual([
      "groups.1.resources.0.domainName: phones.ha.test (A) is already the record of one",
      "groups.1.resources.1.domainName: phones.aha.test is not in the zone ha.test",
    ]);
  });

  it("a zone is answered by the agents or by other servers, and delegated by one above it", () => {
    const resources = [
      dnsAnswer("one", "phones.live.test"),
      dnsAnswer("two", "phones.ha.test", "ha.test"),
      dnsAnswer("top", "test", "test"),
    ];
    const groups = [{ ...group("default", ["a"]), resources: [dnsRecord("record", "web.ha.test"), ...resources] }];
    expect(problems({ groups })).toEqual([
      "groups.0.resources.2.zone: ha.test has a dns-record already: a zone is answered by the agents or by other servers",
      "groups.0.resources.3.zone: test has no zone above it that could delegate it",
    ]);
  });

  it("one balancer listens for all its answers: no port twice, whatever the group; a service and an answer may share a name", () => {
    const groups = [
      { ...group("default", ["a"], ["web"]), resources: [{ kind: "service", name: "web" } as const, answer("web", 80)] },
      { ...group("paging", ["b"]), resources: [answer("pages", 80), answer("web", 81)] },
    ];
    expect(problems({ groups })).toEqual([
      "groups.1.resources.1: balancer answer web is already a resource of group default: it may belong to one group only",
      "groups.1.resources.0.listenPort: the balancer already listens on port 80 for web: choose another one",
    ]);
  });

  it("a witness is none of the nodes, and has an address of its own", () => {
    const witness = {
      kind: "agent",
      nodeId: "w" as NodeId,
      name: "w",
      voting: true,
      host: "w.lan",
      heartbeatPort: 7_000,
      certificateSha256: "w",
    } as const;
    expect(problems({ witness })).toEqual([]);
    expect(problems({ witness: { ...witness, name: "a", certificateSha256: "b" } })).toEqual([
      "witness.certificateSha256: b occurs twice: each certificate is one member's",
      "witness.name: a is that of a node: a witness is none of the nodes",
    ]);
    expect(problems({ witness: { ...witness, host: "a.lan" } })).toEqual([
      "witness.heartbeatPort: a.lan:7000 is used twice: every listener needs an address of its own",
    ]);
    expect(problems({ witness, groups: [group("default", ["a", "w"])] })).toEqual(["groups.0.order.1: w is not a node of this cluster"]);
  });

  it("a certificate, present or next, is one member's", () => {
    const term = { from: "2026-11-01T00:00:00.000Z", until: "2027-01-30T00:00:00.000Z" };
    const renewing = (sha256: string) => ({
      ...node("a"),
      nextCertificate: { sha256, term, sinceVersion: 2, since: term.from, vouched: { certificate: "", signature: "" } },
    });
    expect(problems({ nodes: [renewing("a2"), node("b")] })).toEqual([]);
    for (const taken of ["a", "b"])
      expect(problems({ nodes: [renewing(taken), node("b")] })).toEqual([
        expect.stringMatching(new RegExp(`: ${taken} occurs twice: each certificate is one member's$`)),
      ]);
  });

  it("every problem is told at once", () => {
    expect(problems({ nodes: [node("a"), node("a")], groups: [group("two", ["x"])] })).toHaveLength(7);
  });
});
