import type { Logger } from "pino";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { openDnsEndpoint } from "../dns/dns-endpoint.ts";
import { DnsRecords } from "../dns/dns-records.ts";
import { NamedHolders } from "../dns/named-holders.ts";
import { openBalancerEndpoint } from "./balancer-endpoint.ts";
import type { GroupStandings } from "./group-standing.ts";
import { openSipEndpoint } from "./sip-endpoint.ts";

export interface AnswersOptions {
  readonly nodeId: NodeId;
  readonly settings: AgentSettings;
  readonly trust: TrustStore;
  readonly standings: GroupStandings;
  readonly main: { record(detail: EventDetail): void };
  readonly log: Logger;
}

/** Opens what this node's settings switch on. Throws `AgentError` ("port-unavailable") where a port is taken. */
export async function openAnswers(options: AnswersOptions): Promise<{ close(): Promise<void> }> {
  const { nodeId, settings, trust, standings, main, log } = options;
  const { balancer, listen, sip, tsigKeys } = settings;
  const document = () => trust.current.document;
  const { host } = listen;
  const opened = [
    ...(balancer === undefined ? [] : [await openBalancerEndpoint({ host, settings: balancer, document, standings })]),
    ...(sip === undefined ? [] : [await openSipEndpoint({ host, port: sip.port, document, standings })]),
  ];
  const holders = new NamedHolders({ nodeId, document, standings });
  if (settings.dns !== undefined) {
    const { port, addresses = [host] } = settings.dns;
    const contents = () => ({ document: document(), holderOf: (group: GroupName) => holders.of(group) });
    opened.push(await openDnsEndpoint({ addresses, port, contents, nowMs: () => performance.now() }));
  }
  const records = new DnsRecords({
    nodeId,
    keys: tsigKeys,
    document,
    standings,
    record: (detail) => main.record(detail),
    log: (text) => log.info(text),
  });
  return {
    close: async () => {
      records.close();
      for (const answer of opened) await answer.close();
    },
  };
}
