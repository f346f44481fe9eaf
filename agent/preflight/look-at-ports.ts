import { isIPv6 } from "node:net";
import type { PortFact } from "../../shared/domain/preflight/preflight-facts.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { type OwnPort, ownPorts, tryPort } from "../link/free-ports.ts";

/** One after the other: two that are the same would be in each other's way. The ports of an agent that runs are its own. */
export async function lookAtPorts(settings: AgentSettings, isAgentRunning: boolean): Promise<readonly PortFact[]> {
  const facts: PortFact[] = [];
  for (const port of ownPorts(settings)) {
    const problem = isAgentRunning ? null : await tryPort(port);
    const state = problem !== null ? { problem: problem.message.replace(/\.$/, "") } : isAgentRunning ? "agent" : "free";
    facts.push({ setting: port.setting, where: whereOf(port), state });
  }
  return facts;
}

function whereOf({ host, port, protocol }: OwnPort): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port} (${protocol})`;
}
