import { isIP } from "node:net";
import { AgentError, reasonOf, systemErrorCode } from "../agent-error.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** What the port is for, and the setting that names it. */
  readonly purpose: string;
  readonly setting: string;
}

/** Tried before the agent starts, and opened by agent/answers, agent/dns, agent/local, agent/records and agent/triggers. */
export const balancerPort = { purpose: "load balancers' checks", setting: "balancer.port" } as const;
export const dnsPort = { purpose: "questions of resolvers", setting: "dns.port" } as const;
export const pagePort = { purpose: "the status page", setting: "page.port" } as const;
export const recordsPort = { purpose: "applications' records", setting: "records.port" } as const;
export const triggersPort = { purpose: "requests that set triggers off", setting: "triggers.webhooks.port" } as const;
export const sipPort = { purpose: "OPTIONS of PBXs", setting: "sip.port" } as const;

/** Why the agent cannot listen, for people. */
export function listenError(error: unknown, { host, port, purpose, setting }: ListenAddress): AgentError {
  const where = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (systemErrorCode(error) === "EADDRINUSE") {
    const nextStep = `Find the process that uses it (ss -ltnp 'sport = :${port}') and end it, or change ${setting}.`;
    return new AgentError("port-unavailable", `The agent cannot listen for ${purpose} on ${where}: the port is in use.`, nextStep, error);
  }
  const nextStep = `Check listen.host and ${setting} in the settings: the address must be one of this server's own.`;
  return new AgentError("port-unavailable", `The agent cannot listen for ${purpose} on ${where}: ${reasonOf(error)}.`, nextStep, error);
}
