import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import {
  type DelegationStanding,
  delegationProblems,
  delegationUnknown,
  judgedDelegation,
} from "../../shared/domain/membership/delegation-problems.ts";
import { type DnsZone, dnsZonesOf } from "../../shared/domain/membership/dns-zones.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { GroupStandings } from "../answers/group-standing.ts";
import { lookAtDelegation } from "./look-at-delegation.ts";

const reasonLengthMax = 1_000;

export interface DelegationWatchOptions {
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
  /** At which every node answers. */
  readonly port: number;
  readonly nowMs: () => number;
  readonly record: (detail: EventDetail) => void;
}

/**
 * Whether the zones above name just the cluster's nodes, asked by the node that holds the group of a zone's first name: one of them is enough, and whoever
 * holds it next begins anew (I-101).
 */
export class DelegationWatch {
  readonly #options: DelegationWatchOptions;
  #standings = new Map<string, DelegationStanding>();

  constructor(options: DelegationWatchOptions) {
    this.#options = options;
  }

  /** Looks once; never rejects. */
  async look(): Promise<void> {
    const { document, standings } = this.#options;
    const own = dnsZonesOf(document()).filter(
      ({ names: [first] }) => first !== undefined && standings.of(first.group)?.is === "operational",
    );
    const found = await Promise.all(own.map(async (zone) => [zone.zone, await this.#lookAt(zone)] as const));
    this.#standings = new Map(found);
  }

  /** In sentences; none where all is right, or another node looks. */
  get problems(): readonly string[] {
    return [...this.#standings].flatMap(([zone, { reason }]) =>
      reason === "" ? [] : [`the delegation of ${zone} has to be changed (understudy agent dns instructions): ${reason}`],
    );
  }

  /** Whether a zone waits for somebody: then it is looked at more often, to tell soon that it is right. */
  get isStale(): boolean {
    return this.problems.length > 0;
  }

  async #lookAt(zone: DnsZone): Promise<DelegationStanding> {
    const { port, nowMs, record } = this.#options;
    const seen = await lookAtDelegation(zone, port);
    const before = this.#standings.get(zone.zone) ?? delegationUnknown;
    const problems = delegationProblems(zone, seen);
    const { standing, edge } = judgedDelegation(before, { atMs: nowMs(), problems, seen });
    if (edge?.kind === "stale") record({ kind: "dns.delegation_stale", zone: zone.zone, reason: edge.reason.slice(0, reasonLengthMax) });
    if (edge?.kind === "current") record({ kind: "dns.delegation_current", zone: zone.zone, staleMs: Math.round(edge.staleMs) });
    return standing;
  }
}
