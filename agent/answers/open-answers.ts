import type { Logger } from "pino";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { dnsZonesOf } from "../../shared/domain/membership/dns-zones.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { openDnsEndpoint } from "../dns/dns-endpoint.ts";
import { DnsRecords } from "../dns/dns-records.ts";
import { NamedHolders } from "../dns/named-holders.ts";
import { keepAtServer } from "../dns/record-keeper.ts";
import { openZoneWatches, type ZoneWatches } from "../dns/zone-watches.ts";
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

export interface Answers {
  /** What has to be done so that others find their way, in sentences. */
  readonly problems: () => readonly string[];
  close(): Promise<void>;
}

/** Opens what this node's settings switch on. Throws `AgentError` ("port-unavailable") where a port is taken. */
export async function openAnswers(options: AnswersOptions): Promise<Answers> {
  const { nodeId, settings, trust, standings, main, log } = options;
  const { balancer, listen, sip, tsigKeys } = settings;
  const document = () => trust.current.document;
  const { host } = listen;
  const opened = [
    ...(balancer === undefined ? [] : [await openBalancerEndpoint({ host, settings: balancer, document, standings })]),
    ...(sip === undefined ? [] : [await openSipEndpoint({ host, port: sip.port, document, standings })]),
  ];
  const record = (detail: EventDetail): void => main.record(detail);
  let watches: ZoneWatches | null = null;
  if (settings.dns !== undefined) {
    const { port, addresses = [host] } = settings.dns;
    const holders = new NamedHolders({ nodeId, document, standings });
    const contents = () => ({ document: document(), holderOf: (group: GroupName) => holders.of(group) });
    opened.push(await openDnsEndpoint({ addresses, port, contents, nowMs }));
    watches = openZoneWatches({ nodeId, document, standings, port, nowMs, record });
  }
  const records = new DnsRecords({
    nodeId,
    keys: tsigKeys,
    document,
    standings,
    keep: keepAtServer,
    record,
    log: (text) => log.info(text),
  });
  return {
    problems: () => watches?.problems() ?? unanswered(document()),
    close: async () => {
      watches?.close();
      records.close();
      for (const answer of opened) await answer.close();
    },
  };
}

function nowMs(): number {
  return performance.now();
}

/** A zone is delegated to every node: one that does not answer makes resolvers wait. */
function unanswered(document: ClusterDocument): readonly string[] {
  return dnsZonesOf(document).map(
    ({ zone }) =>
      `cluster document ${document.version} makes this node a name server of ${zone}, and its settings have no dns.port: set it`,
  );
}
