import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { openBalancerEndpoint } from "./balancer-endpoint.ts";
import type { GroupStandings } from "./group-standing.ts";

export interface AnswersOptions {
  readonly settings: AgentSettings;
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
}

/** Opens what this node's settings switch on. Throws `AgentError` ("port-unavailable") where a port is taken. */
export async function openAnswers({ settings, document, standings }: AnswersOptions): Promise<{ close(): Promise<void> }> {
  const { balancer, listen } = settings;
  const opened = balancer === undefined ? [] : [await openBalancerEndpoint({ host: listen.host, settings: balancer, document, standings })];
  return {
    close: async () => {
      for (const answer of opened) await answer.close();
    },
  };
}
