import type { DnsZone, NameServer } from "./dns-zones.ts";
import { parseIpAddress } from "./ip-address.ts";

export const dnsProducts = ["bind", "windows", "route53"] as const;

/** What holds the zone above. */
export type DnsProduct = (typeof dnsProducts)[number];

/** How long resolvers may remember the delegation, in seconds: nodes come and go rarely, and one that is gone is passed over. */
const delegationTtlSeconds = 300;

/** What delegates a zone to the nodes, ready to be pasted where the zone above is kept. It replaces what an earlier one has made. */
export function delegationInstructions(zone: DnsZone, product: DnsProduct): string {
  switch (product) {
    case "bind":
      return bindLines(zone);
    case "windows":
      return windowsCommands(zone);
    case "route53":
      return route53Command(zone);
  }
}

interface ServerAddress {
  readonly server: NameServer;
  readonly address: string;
  readonly type: "A" | "AAAA";
}

function addressesOf({ nameServers }: DnsZone): readonly ServerAddress[] {
  return nameServers.flatMap((server) =>
    server.addresses.map((address) => ({ server, address, type: parseIpAddress(address)?.family === 6 ? "AAAA" : "A" }) as const),
  );
}

function withAddress({ nameServers }: DnsZone): readonly NameServer[] {
  return nameServers.filter(({ addresses }) => addresses.length > 0);
}

/** Nodes that cannot be delegated to stand in a comment, so that nobody takes the rest for all. */
function missing({ nameServers }: DnsZone, comment: string): readonly string[] {
  return nameServers.flatMap(({ nodeName, addresses }) =>
    addresses.length > 0
      ? []
      : [`${comment} MISSING: ${nodeName} has no IP address in the cluster document: give it one under nameServers of the resource.`],
  );
}

function bindLines(zone: DnsZone): string {
  const lines = [
    `; Into the zone file of ${zone.parent} (or of the zone that holds that name), in place of earlier lines for ${zone.zone}.`,
    "; Then count its serial up, and: rndc reload",
    ...missing(zone, ";"),
    ...withAddress(zone).map(({ domainName }) => `${zone.zone}. ${delegationTtlSeconds} IN NS ${domainName}.`),
    ...addressesOf(zone).map(
      ({ server, address, type }) => `${server.domainName}. ${delegationTtlSeconds} IN ${type} ${address} ; ${server.nodeName}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function windowsCommands(zone: DnsZone): string {
  const { parent } = zone;
  const child = quoted(zone.zone.slice(0, -parent.length - 1));
  const inParent = `-ZoneName ${quoted(parent)}`;
  const lines = [
    `# In PowerShell on the Windows DNS server that holds the zone ${parent}, as an administrator.`,
    ...missing(zone, "#"),
    `Remove-DnsServerZoneDelegation -Name ${quoted(parent)} -ChildZoneName ${child} -Force -ErrorAction SilentlyContinue`,
    ...withAddress(zone).flatMap(({ domainName, nodeName }) => {
      const own = addressesOf(zone).filter(({ server }) => server.domainName === domainName);
      const label = quoted(domainName.slice(0, -parent.length - 1));
      return [
        `# ${nodeName}`,
        ...["A", "AAAA"].map(
          (type) => `Remove-DnsServerResourceRecord ${inParent} -Name ${label} -RRType ${type} -Force -ErrorAction SilentlyContinue`,
        ),
        ...own.map(
          ({ address, type }) =>
            `Add-DnsServerResourceRecord${type} ${inParent} -Name ${label} -IPv${type === "A" ? 4 : 6}Address ${address}`,
        ),
        `Add-DnsServerZoneDelegation -Name ${quoted(parent)} -ChildZoneName ${child} -NameServer ${quoted(domainName)} -IPAddress ${own.map(({ address }) => address).join(",")}`,
      ];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

/** Names of DNS hold no quotes; in quotes they are texts, and never options. */
function quoted(name: string): string {
  return `"${name}"`;
}

/** A set of records as Route 53 takes it. */
function upsert(name: string, type: string, values: readonly string[]): object {
  const ResourceRecords = values.map((Value) => ({ Value }));
  return { Action: "UPSERT", ResourceRecordSet: { Name: `${name}.`, Type: type, TTL: delegationTtlSeconds, ResourceRecords } };
}

function route53Command(zone: DnsZone): string {
  const addresses = Map.groupBy(addressesOf(zone), ({ server, type }) => `${server.domainName} ${type}`);
  const batch = {
    Comment: `Delegation of ${zone.zone} to the nodes of its cluster`,
    Changes: [
      ...[...addresses.values()].map((own) =>
        upsert(
          own[0]?.server.domainName ?? "",
          own[0]?.type ?? "A",
          own.map(({ address }) => address),
        ),
      ),
      upsert(
        zone.zone,
        "NS",
        withAddress(zone).map(({ domainName }) => `${domainName}.`),
      ),
    ],
  };
  return [
    `# In a shell with the AWS CLI; ZONE-ID: that of the hosted zone that holds ${zone.parent}. Whoever asks it must reach these addresses.`,
    ...missing(zone, "#"),
    `aws route53 change-resource-record-sets --hosted-zone-id ZONE-ID --change-batch '${JSON.stringify(batch, null, 2)}'`,
    "",
  ].join("\n");
}
