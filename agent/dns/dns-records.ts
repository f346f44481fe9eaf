import type { Fence } from "../../shared/domain/dns/fence.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { GroupStandings } from "../answers/group-standing.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { RecordTarget } from "./record-update.ts";
import { isReady, type ReadyRecord, recordName, recordsOf, type UnreadyRecord, type WantedRecord, wishOf } from "./wanted-records.ts";

const reasonLengthMax = 1_000;

/** One record at one server, to be kept until the signal says that it is not wanted any more, or somebody has overtaken this node. */
export interface KeptRecord {
  readonly target: RecordTarget;
  readonly signal: AbortSignal;
  readonly updated: (durationMs: number) => void;
  /** Once for each reason, until an update has worked. */
  readonly failed: (reason: string) => void;
  readonly overtaken: (by: Fence) => void;
}

export type KeepRecord = (record: KeptRecord) => void;

export interface DnsRecordsOptions {
  readonly nodeId: NodeId;
  readonly keys: AgentSettings["tsigKeys"];
  readonly document: () => ClusterDocument;
  readonly standings: GroupStandings;
  readonly keep: KeepRecord;
  readonly record: (detail: EventDetail) => void;
  readonly log: (text: string) => void;
}

/**
 * Points the names of the groups that this node is operational for at it: one keeper for each record and server, so that a server that is
 * down delays no other. A node that lets a group go leaves the name as it is: the next one takes it, and it is never empty.
 */
export class DnsRecords {
  readonly #options: DnsRecordsOptions;
  readonly #keepers = new Map<string, AbortController>();
  #document: ClusterDocument | null = null;
  #records: readonly (ReadyRecord | UnreadyRecord)[] = [];
  #problems: ReadonlySet<string> = new Set();

  constructor(options: DnsRecordsOptions) {
    this.#options = options;
    options.standings.onView(() => this.#look());
  }

  close(): void {
    for (const keeper of this.#keepers.values()) keeper.abort();
    this.#keepers.clear();
  }

  /** Starts what is wanted now and stops what is not. Runs with every view, so it does nothing where nothing has changed. */
  #look(): void {
    const document = this.#options.document();
    if (document !== this.#document) this.#documentChanged(document);
    const wanted = new Map(this.#wanted(document).map((record) => [wishOf(record), record]));
    for (const [wish, keeper] of this.#keepers) {
      if (wanted.has(wish)) continue;
      keeper.abort();
      this.#keepers.delete(wish);
    }
    for (const [wish, record] of wanted) if (!this.#keepers.has(wish)) this.#keep(wish, record);
  }

  /** What would keep this node from pointing a name at itself is told when it is known, not when the name is needed. */
  #documentChanged(document: ClusterDocument): void {
    this.#document = document;
    this.#records = recordsOf(document, this.#options.nodeId, this.#options.keys);
    const problems = this.#records.flatMap((found) => (isReady(found) ? [] : [found]));
    for (const { record, group, reason } of problems) {
      if (this.#problems.has(`${record.name} ${reason}`)) continue;
      this.#options.record({ kind: "dns.update_failed", group, record: recordName(record), server: null, reason });
    }
    this.#problems = new Set(problems.map(({ record, reason }) => `${record.name} ${reason}`));
  }

  #wanted({ clusterId, version }: ClusterDocument): readonly WantedRecord[] {
    return this.#records.flatMap((found): WantedRecord[] => {
      const standing = this.#options.standings.of(found.group);
      if (!isReady(found) || standing?.is !== "operational") return [];
      const { record, group, address, secret } = found;
      const { zone, domainName, type, ttlSeconds } = record;
      const fence = { clusterId, group, epoch: standing.epoch, documentVersion: version, node: this.#options.nodeId };
      const key = { name: record.tsigKey, secret };
      return record.servers.map((server) => ({ server, key, zone, domainName, type, ttlSeconds, address, fence, group }));
    });
  }

  #keep(wish: string, wanted: WantedRecord): void {
    const { standings, record, log } = this.#options;
    const { group, address, fence, server } = wanted;
    const stopping = new AbortController();
    this.#keepers.set(wish, stopping);
    const told = { group, record: recordName(wanted), server: `${server.host}:${server.port}` };
    const isCurrent = (): boolean => {
      const standing = standings.of(group);
      return !stopping.signal.aborted && standing?.is === "operational" && standing.epoch === fence.epoch;
    };
    // Who has been overtaken or is not operational any more stays listed until the view says so too: it is not started anew meanwhile.
    this.#options.keep({
      target: { ...wanted, isCurrent },
      signal: stopping.signal,
      updated: (durationMs) => record({ kind: "dns.updated", ...told, epoch: fence.epoch, address, durationMs }),
      failed: (reason) => record({ kind: "dns.update_failed", ...told, reason: reason.slice(0, reasonLengthMax) }),
      overtaken: (by) =>
        log(`DNS record ${told.record} at ${told.server} is left alone: it was changed under epoch ${by.epoch} of group ${by.group}`),
    });
  }
}
