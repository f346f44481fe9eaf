import { createServer } from "node:net";
import type { AgentSettings } from "../config/agent-settings.ts";
import { balancerPort, dnsPort, listenError, pagePort, recordsPort, sipPort, triggersPort } from "./listen-error.ts";

/** Where only this machine's own processes come in. */
export const loopback = "127.0.0.1";

/** Tries the agent's ports, so that a token is not spent on a node that could not listen. Throws `AgentError` ("port-unavailable"). */
export async function requireFreePorts({ listen, balancer, dns, page, sip, records, triggers }: AgentSettings): Promise<void> {
  const { host, heartbeatPort, replicationPort } = listen;
  await tryPort(host, heartbeatPort, "heartbeats", "listen.heartbeatPort");
  await tryPort(host, replicationPort, "replication", "listen.replicationPort");
  if (balancer !== undefined) await tryPort(host, balancer.port, balancerPort.purpose, balancerPort.setting);
  if (page !== undefined) await tryPort(loopback, page.port, pagePort.purpose, pagePort.setting);
  if (records !== undefined) await tryPort(loopback, records.port, recordsPort.purpose, recordsPort.setting);
  if (sip !== undefined) await tryPort(host, sip.port, sipPort.purpose, sipPort.setting);
  const { webhooks } = triggers;
  if (webhooks !== undefined) await tryPort(webhooks.host ?? host, webhooks.port, triggersPort.purpose, triggersPort.setting);
  if (dns !== undefined) for (const address of dns.addresses ?? [host]) await tryPort(address, dns.port, dnsPort.purpose, dnsPort.setting);
}

function tryPort(host: string, port: number, purpose: string, setting: string): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, { host, port, purpose, setting })));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
