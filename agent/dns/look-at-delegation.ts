import type { DnsServer } from "../../shared/domain/membership/answer-resources.ts";
import type { DelegatedServer, DelegationSeen, NodeSeen, ParentSeen } from "../../shared/domain/membership/delegation-problems.ts";
import type { DnsZone } from "../../shared/domain/membership/dns-zones.ts";
import { reasonOf } from "../agent-error.ts";
import { lookUp } from "./dns-lookup.ts";
import { addressesIn, decodeName, rcodeName, rcodes, recordTypes } from "./dns-wire.ts";

/** A delegation with more is none of ours; so many of them are looked at. */
const delegatedServersMax = 32;

/** Asks the servers of the zone above whom they refer to, and every node whether it answers for the zone. `nodePort`: at which nodes answer. */
export async function lookAtDelegation(zone: DnsZone, nodePort: number): Promise<DelegationSeen> {
  const nodes = zone.nameServers.flatMap(({ nodeId, addresses }) => addresses.map((address) => ({ nodeId, address })));
  const [parents, answering] = await Promise.all([
    Promise.all(zone.parentServers.map((server) => lookAtParent(server, zone))),
    Promise.all(
      nodes.map(
        async ({ nodeId, address }): Promise<NodeSeen> => ({ nodeId, address, problem: await nodeProblem(zone, address, nodePort) }),
      ),
    ),
  ]);
  return { parents, nodes: answering };
}

async function lookAtParent(server: DnsServer, { zone, parent }: DnsZone): Promise<ParentSeen> {
  const shown = `${server.host}:${server.port}`;
  try {
    const answer = await lookUp(server, zone, "NS");
    const { rcode, authorities, answers } = answer;
    if (rcode === rcodes.nxDomain) return { server: shown, nameServers: [], reason: "the name does not exist there" };
    if (rcode !== rcodes.noError)
      return { server: shown, nameServers: null, reason: `it says ${rcodeName(rcode)}; is it a server of ${parent}?` };
    const named = [...answers, ...authorities].filter((record) => record.type === recordTypes.NS && record.name === zone);
    const names = new Set(named.map(({ data }) => decodeName(data, 0).name));
    const nameServers = await Promise.all(
      [...names].slice(0, delegatedServersMax).map((domainName) => addressesAt(server, domainName, answer.additionals)),
    );
    return { server: shown, nameServers, reason: "" };
  } catch (error) {
    return { server: shown, nameServers: null, reason: reasonOf(error) };
  }
}

/** Those that came along, else those that the server itself has for the name: where another one has them, resolvers have to ask further as well. */
async function addressesAt(
  server: DnsServer,
  domainName: string,
  additionals: Parameters<typeof addressesIn>[0],
): Promise<DelegatedServer> {
  const glue = addressesIn(additionals.filter(({ name }) => name === domainName));
  if (glue.length > 0) return { domainName, addresses: glue };
  const asked = await Promise.all((["A", "AAAA"] as const).map((type) => lookUp(server, domainName, type)));
  return { domainName, addresses: asked.flatMap(({ answers }) => addressesIn(answers)) };
}

async function nodeProblem({ zone }: DnsZone, host: string, port: number): Promise<string | null> {
  try {
    const { rcode, isAuthoritative } = await lookUp({ host, port }, zone, "SOA");
    if (rcode !== rcodes.noError)
      return `it says ${rcodeName(rcode)}: its agent needs dns.port in its settings, and the newest cluster document`;
    return isAuthoritative ? null : "somebody else answers there, who is not authoritative for it";
  } catch (error) {
    return `${reasonOf(error)}: its agent needs dns.port in its settings, and UDP and TCP port ${port} open`;
  }
}
