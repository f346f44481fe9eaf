import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type DnsZone, dnsZonesOf, type NameServer, type ServedName } from "../../shared/domain/membership/dns-zones.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { NodeSaid } from "../../shared/domain/monitoring/dns-event.ts";
import { type Agreement, inAgreement, judgedAgreement } from "../../shared/domain/monitoring/name-agreement.ts";
import { lookUp } from "./dns-lookup.ts";
import { addressesIn, rcodeName, rcodes } from "./dns-wire.ts";
import { recordName } from "./wanted-records.ts";

export interface AgreementWatchOptions {
  readonly nodeId: NodeId;
  readonly document: () => ClusterDocument;
  /** At which every node answers. */
  readonly port: number;
  readonly nowMs: () => number;
  readonly record: (detail: EventDetail) => void;
}

/** Asks every node's name server, this one's too, what resolvers would ask, and tells where they do not say the same for too long (I-96). */
export class AgreementWatch {
  readonly #options: AgreementWatchOptions;
  #agreements = new Map<string, Agreement>();

  constructor(options: AgreementWatchOptions) {
    this.#options = options;
  }

  /** Looks once; never rejects. */
  async look(): Promise<void> {
    const zones = dnsZonesOf(this.#options.document());
    const found = await Promise.all(zones.flatMap((zone) => zone.nameServers.map((server) => this.#askAll(zone, server))));
    const before = this.#agreements;
    this.#agreements = new Map();
    for (const served of zones.flatMap(({ names }) => names)) {
      const key = recordName(served.answer);
      const said = found.flatMap(({ node, answers }): NodeSaid[] => {
        const answer = answers.get(served);
        return answer === undefined ? [] : [{ node, answer }];
      });
      this.#agreements.set(key, this.#judge(before.get(key) ?? inAgreement, key, served, said));
    }
  }

  #judge(before: Agreement, record: string, { group }: ServedName, said: readonly NodeSaid[]): Agreement {
    const { nodeId, nowMs, record: tell } = this.#options;
    // The first of those that answer, in ring order.
    const tells = said[0]?.node === nodeId;
    const { agreement, edge } = judgedAgreement(before, { atMs: nowMs(), said, tells });
    if (edge?.kind === "diverged") tell({ kind: "dns.divergence", group, record, forMs: Math.round(edge.forMs), said: edge.said });
    if (edge?.kind === "agreed") tell({ kind: "dns.agreement", group, record, divergedMs: Math.round(edge.divergedMs) });
    return agreement;
  }

  /** What one node says for each name. Who does not answer at all is asked for no further one. */
  async #askAll({ names }: DnsZone, { nodeId: node, addresses }: NameServer) {
    const answers = new Map<ServedName, string>();
    const [host] = addresses;
    if (host === undefined) return { node, answers };
    for (const served of names) {
      const said = await this.#ask(host, served).catch(() => null);
      if (said === null) break;
      if (said !== "") answers.set(served, said);
    }
    return { node, answers };
  }

  /** Empty where the node cannot say, as one that is cut off does. */
  async #ask(host: string, { answer }: ServedName): Promise<string> {
    const { rcode, answers } = await lookUp({ host, port: this.#options.port }, answer.domainName, answer.type);
    if (rcode === rcodes.noError) return addressesIn(answers).join(" and ") || "that it has no address";
    return rcode === rcodes.nxDomain ? `that there is no such name (${rcodeName(rcode)})` : "";
  }
}
