import { describe, expect, it } from "vitest";
import { isReady, recordsOf } from "../../../agent/dns/wanted-records.ts";
import type { GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { DnsRecord } from "../../../shared/domain/membership/answer-resources.ts";
import type { ClusterNode } from "../../../shared/domain/membership/cluster-document.ts";
import { testDocument, testNode, testNodeId } from "../cluster-signer.ts";

const node = (number: number, host: string): ClusterNode => ({
  ...testNode(number, String(number).repeat(64), { heartbeat: 7_400, replication: 7_401 }),
  host,
});
const nodes = [node(1, "192.0.2.1"), node(2, "b.lan"), node(3, "192.0.2.3")];
const record: DnsRecord = {
  kind: "dns-record",
  name: "phones",
  zone: "example.test",
  domainName: "phones.example.test",
  type: "A",
  ttlSeconds: 5,
  servers: [{ host: "192.0.2.53", port: 53 }],
  tsigKey: "phones-key",
};
const keys = { "phones-key": { secret: "c2VjcmV0" } };
const found = (number: number, change: Partial<DnsRecord> = {}, known: typeof keys | Record<string, never> = keys) => {
  const group = { name: "default" as GroupName, order: [testNodeId(1), testNodeId(2)] as NodeId[], failback: { mode: "manual" } as const };
  const document = testDocument(nodes, { groups: [{ ...group, resources: [{ ...record, ...change }] }] });
  return recordsOf(document, testNodeId(number) as NodeId, known).map((ready) => (isReady(ready) ? ready.address : ready.reason));
};

describe("the DNS records of a node", () => {
  it("its address is the one in the document, or the record's own for it", () => {
    expect(found(1)).toEqual(["192.0.2.1"]);
    expect(found(1, { addresses: { [testNodeId(1)]: "198.51.100.1" } })).toEqual(["198.51.100.1"]);
  });

  it("a node outside the group's order has none", () => {
    expect(found(3)).toEqual([]);
    expect(found(4)).toEqual([]);
  });

  it("what is missing is said: the key, an address of the record's kind", () => {
    expect(found(1, {}, {})).toEqual(["the settings of this node have no key phones-key: add tsigKeys.phones-key to them"]);
    expect(found(2)).toEqual(["b.lan cannot be the value of an A record: give this node an address in the resource"]);
    expect(found(1, { type: "AAAA" })).toEqual([
      "192.0.2.1 cannot be the value of an AAAA record: give this node an address in the resource",
    ]);
  });
});
