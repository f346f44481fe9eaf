import { createSocket } from "node:dgram";
import { createServer, isIPv6 } from "node:net";
import type { AgentError } from "../agent-error.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { balancerPort, dnsPort, type ListenAddress, listenError, pagePort, recordsPort, sipPort, triggersPort } from "./listen-error.ts";

/** Where only this machine's own processes come in. */
export const loopback = "127.0.0.1";

export interface OwnPort extends ListenAddress {
  readonly protocol: "TCP" | "UDP";
}

/** Every port that an agent with these settings opens. */
export function ownPorts({ listen, balancer, dns, page, sip, records, triggers }: AgentSettings): readonly OwnPort[] {
  const { host, heartbeatPort, replicationPort } = listen;
  const { webhooks } = triggers;
  const tcp = (port: Omit<ListenAddress, "host">, at = host): OwnPort => ({ ...port, host: at, protocol: "TCP" });
  const both = (port: Omit<ListenAddress, "host">, at = host): readonly OwnPort[] => [tcp(port, at), { ...tcp(port, at), protocol: "UDP" }];
  return [
    tcp({ port: heartbeatPort, purpose: "heartbeats", setting: "listen.heartbeatPort" }),
    tcp({ port: replicationPort, purpose: "replication", setting: "listen.replicationPort" }),
    ...(balancer === undefined ? [] : [tcp({ port: balancer.port, ...balancerPort })]),
    ...(page === undefined ? [] : [tcp({ port: page.port, ...pagePort }, loopback)]),
    ...(records === undefined ? [] : [tcp({ port: records.port, ...recordsPort }, loopback)]),
    ...(sip === undefined ? [] : both({ port: sip.port, ...sipPort })),
    ...(webhooks === undefined ? [] : [tcp({ port: webhooks.port, ...triggersPort }, webhooks.host ?? host)]),
    ...(dns === undefined ? [] : (dns.addresses ?? [host]).flatMap((address) => both({ port: dns.port, ...dnsPort }, address))),
  ];
}

/** Tries the agent's ports, so that a token is not spent on a node that could not listen. Throws `AgentError` ("port-unavailable"). */
export async function requireFreePorts(settings: AgentSettings): Promise<void> {
  for (const port of ownPorts(settings)) {
    const problem = await tryPort(port);
    if (problem !== null) throw problem;
  }
}

/** Null where somebody may listen there now. */
export function tryPort(tried: OwnPort): Promise<AgentError | null> {
  const { host, port, protocol } = tried;
  return new Promise((resolve) => {
    const refused = (error: Error): void => resolve(listenError(error, tried));
    if (protocol === "TCP") {
      const server = createServer();
      server.once("error", refused);
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
    } else {
      const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
      socket.once("error", (error) => socket.close(() => refused(error)));
      socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(null)));
    }
  });
}
