import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GroupStandings } from "../../../agent/answers/group-standing.ts";
import { DelegationWatch } from "../../../agent/dns/delegation-watch.ts";
import { openDnsEndpoint } from "../../../agent/dns/dns-endpoint.ts";
import { lookAtDelegation } from "../../../agent/dns/look-at-delegation.ts";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { delegationProblems } from "../../../shared/domain/membership/delegation-problems.ts";
import { delegationInstructions } from "../../../shared/domain/membership/dns-instructions.ts";
import { type DnsZone, dnsZonesOf } from "../../../shared/domain/membership/dns-zones.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { viewAt } from "../answers/views.ts";
import { answeringDocument, dnsAnswer, groupWith, nodeIds } from "./answered-zone.ts";
import { BindServer, bindMissing } from "./bind-server.ts";

const zoneOf = (document: ClusterDocument): DnsZone => {
  const [zone] = dnsZonesOf(document);
  if (zone === undefined) throw new Error("there is no zone");
  return zone;
};

/* A real BIND holds the zone above; two of three nodes answer. */
describe.skipIf(bindMissing !== null)(`a delegation${bindMissing === null ? "" : ` (skipped: ${bindMissing})`}`, () => {
  let bind: BindServer;
  let port = 0;
  let answering = { close: () => Promise.resolve() };
  const documentOf = (hosts: readonly string[]): ClusterDocument => {
    const parentServers = [{ host: "127.0.0.1", port: bind.port }];
    return answeringDocument([groupWith([dnsAnswer("phones", { parentServers })], "default", [])], [...hosts]);
  };
  const problemsOf = async (document: ClusterDocument): Promise<readonly string[]> => {
    const zone = zoneOf(document);
    return delegationProblems(zone, await lookAtDelegation(zone, port)).map(({ text }) => text.replaceAll(String(bind.port), "PORT"));
  };

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    bind = await BindServer.start();
    const document = documentOf(["127.0.0.2", "127.0.0.3"]);
    const contents = () => ({ document, holderOf: (): NodeId | null => nodeIds[0] ?? null });
    answering = await openDnsEndpoint({ addresses: ["127.0.0.2", "127.0.0.3"], port, contents, nowMs: () => 0 });
  });
  afterAll(async () => {
    await answering.close();
    await bind.end();
  });

  it("is missing, then right as the instructions say, stale when a node joins, and right again: every problem at once, and each told once", async () => {
    let document = documentOf(["127.0.0.2", "127.0.0.3"]);
    const told: string[] = [];
    let nowMs = 0;
    const standings = new GroupStandings(() => usFromMs(0));
    standings.viewChanged(viewAt(0, { default: "operational" }));
    const watch = new DelegationWatch({
      document: () => document,
      standings,
      port,
      nowMs: () => nowMs,
      record: (detail) => told.push(detail.kind === "dns.delegation_current" ? `current after ${detail.staleMs}` : detail.kind),
    });
    await watch.look();
    await watch.look();
    expect(told.splice(0)).toEqual(["dns.delegation_stale"]);
    expect(await problemsOf(document)).toEqual([
      "DNS server 127.0.0.1:PORT does not delegate live.example.test: the name does not exist there",
    ]);

    nowMs = 60_000;
    await bind.changeParent(delegationInstructions(zoneOf(document), "bind"));
    await watch.look();
    expect(told.splice(0)).toEqual(["current after 60000"]);
    expect(await problemsOf(document)).toEqual([]);

    document = documentOf(["127.0.0.2", "127.0.0.5", "127.0.0.4"]);
    await watch.look();
    await watch.look();
    expect(told.splice(0)).toEqual(["dns.delegation_stale"]);
    expect(watch.problems.join()).toContain("does not list node-c (127.0.0.4)");
    expect(await problemsOf(document)).toEqual([
      "DNS server 127.0.0.1:PORT lists ns-00000000000000000002.example.test (127.0.0.3), which is no node of the cluster",
      "DNS server 127.0.0.1:PORT does not list node-b (127.0.0.5)",
      "DNS server 127.0.0.1:PORT does not list node-c (127.0.0.4)",
      expect.stringMatching(/^node-b does not answer for live\.example\.test at 127\.0\.0\.5: .*ECONNREFUSED/),
      expect.stringMatching(/^node-c does not answer for live\.example\.test at 127\.0\.0\.4: .*ECONNREFUSED/),
    ]);

    await bind.stop();
    await watch.look();
    expect(told).toEqual([]);
    expect((await problemsOf(document))[0]).toMatch(/cannot be asked for the delegation of live\.example\.test: .*ECONNREFUSED/);
    await bind.changeParent(delegationInstructions(zoneOf(document), "bind"));
    await watch.look();
    expect(told).toEqual(["current after 0"]);

    // Another node's turn.
    standings.viewChanged(viewAt(0, { default: "standby" }));
    await watch.look();
    expect(watch.problems).toEqual([]);
  });
});

describe("what delegates a zone", () => {
  const zone = zoneOf(
    answeringDocument(
      [groupWith([dnsAnswer("phones", { nameServers: { [nodeIds[1] ?? ""]: "2001:db8::2" } })], "default", [])],
      ["192.0.2.1", "b.lan", "c.lan"],
    ),
  );

  it("for BIND, with what is missing", () => {
    expect(delegationInstructions(zone, "bind").split("\n").slice(2)).toEqual([
      "; MISSING: node-c has no IP address in the cluster document: give it one under nameServers of the resource.",
      "live.example.test. 300 IN NS ns-00000000000000000001.example.test.",
      "live.example.test. 300 IN NS ns-00000000000000000002.example.test.",
      "ns-00000000000000000001.example.test. 300 IN A 192.0.2.1 ; node-a",
      "ns-00000000000000000002.example.test. 300 IN AAAA 2001:db8::2 ; node-b",
      "",
    ]);
  });

  it("for Windows: in the zone above by its own name, and the delegation anew", () => {
    const lines = delegationInstructions(zone, "windows").split("\n");
    expect(lines).toContain(
      'Remove-DnsServerZoneDelegation -Name "example.test" -ChildZoneName "live" -Force -ErrorAction SilentlyContinue',
    );
    expect(lines).toContain(
      'Add-DnsServerResourceRecordAAAA -ZoneName "example.test" -Name "ns-00000000000000000002" -IPv6Address 2001:db8::2',
    );
    expect(lines).toContain(
      'Add-DnsServerZoneDelegation -Name "example.test" -ChildZoneName "live" -NameServer "ns-00000000000000000001.example.test" -IPAddress 192.0.2.1',
    );
    expect(lines.filter((line) => line.startsWith("Add-DnsServerZoneDelegation"))).toHaveLength(2);
  });

  it("for Route 53: one change batch, which the AWS CLI reads as JSON", () => {
    const text = delegationInstructions(zone, "route53");
    const batch = JSON.parse(/--change-batch '(.*)'/s.exec(text)?.[1] ?? "") as {
      Changes: { ResourceRecordSet: { Name: string; Type: string } }[];
    };
    expect(batch.Changes.map(({ ResourceRecordSet: { Name, Type } }) => `${Name} ${Type}`)).toEqual([
      "ns-00000000000000000001.example.test. A",
      "ns-00000000000000000002.example.test. AAAA",
      "live.example.test. NS",
    ]);
  });
});
