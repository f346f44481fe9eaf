import { type ClusterId, controlPlaneId, type EventId, type GroupName, type NodeId } from "../../../../shared/domain/ids.ts";
import { type Announced, type Announcement, announce, type Circumstances } from "../../../../shared/domain/incidents/announce.ts";
import { gather } from "../../../../shared/domain/incidents/gather.ts";
import { emptyBook, type IncidentBook } from "../../../../shared/domain/incidents/incident.ts";
import { type ClusterEvent, type EventDetail, severityOf } from "../../../../shared/domain/monitoring/cluster-event.ts";

export const clusterId = "clus_00000000000000000001" as ClusterId;
export const startMs = Date.parse("2026-03-04T05:06:07.000Z");

export function nodeOf(number: number): NodeId {
  return `node_0000000000000000000${number}` as NodeId;
}

export function groupOf(number: number): GroupName {
  return `group-${number}` as GroupName;
}

/** An event so long after the start. Its id says what and when, as an agent's does. */
export function eventAt(afterMs: number, reporter: NodeId, detail: EventDetail): ClusterEvent {
  const subject = "epoch" in detail ? `${detail.group}/${detail.epoch}` : `${reporter}/${afterMs}`;
  const node = "node" in detail ? `/${detail.node}` : "";
  return {
    eventId: `${clusterId}/${subject}${node}/${detail.kind}` as EventId,
    clusterId,
    reporter,
    at: new Date(startMs + afterMs).toISOString(),
    severity: severityOf[detail.kind],
    detail,
  };
}

export function takeover(afterMs: number, by: number, from: number, group = 1, epoch = 1): ClusterEvent {
  const counted = { votes: 5, voters: 8, startedInMs: 40, behind: 0 };
  const detail = { kind: "group.takeover", group: groupOf(group), epoch, from: nodeOf(from), silentMs: 600, released: null } as const;
  return eventAt(afterMs, nodeOf(by), { ...detail, ...counted });
}

export function silent(afterMs: number, by: number, node: number): ClusterEvent {
  return eventAt(afterMs, nodeOf(by), { kind: "node.silent", node: nodeOf(node), silentMs: 600, cause: "heartbeats-missed" });
}

export function returned(afterMs: number, by: number, node: number): ClusterEvent {
  return eventAt(afterMs, nodeOf(by), { kind: "node.returned", node: nodeOf(node), awayMs: 600 });
}

export function siteSilent(afterMs: number): ClusterEvent {
  return eventAt(afterMs, controlPlaneId, { kind: "site.silent", nodes: 8, silentMs: 90_000 });
}

/** A control plane that has nothing but the rule: a clock, the book, and what it has told. */
export class RuleAlone {
  book: IncidentBook = emptyBook(clusterId);
  readonly told: Announcement[] = [];
  nowMs = startMs;
  readonly circumstances: Omit<Circumstances, "nowMs">;

  constructor(circumstances: Partial<Circumstances> = {}) {
    this.circumstances = { groups: 3, windows: [], escalateAfterMs: null, ...circumstances };
  }

  take(...events: readonly ClusterEvent[]): void {
    for (const event of events) this.book = gather(this.book, { event, atMs: Date.parse(event.at), arrivedMs: this.nowMs });
  }

  /** Looks as often as the rule asks for it. Returns what was told meanwhile. */
  wait(ms: number): readonly Announcement[] {
    const untilMs = this.nowMs + ms;
    const before = this.told.length;
    for (;;) {
      const announced: Announced = announce(this.book, { ...this.circumstances, nowMs: this.nowMs });
      this.book = announced.book;
      this.told.push(...announced.announcements);
      if (announced.dueMs === null || announced.dueMs > untilMs) break;
      if (announced.dueMs <= this.nowMs && announced.announcements.length === 0) throw new Error("what is due now was not told");
      this.nowMs = Math.max(this.nowMs, announced.dueMs);
    }
    this.nowMs = untilMs;
    return this.told.slice(before);
  }
}

/** The keys that an announcement tells for the first time. */
export function newsOf({ incident, number }: Announcement): readonly string[] {
  return incident.facts.filter(({ toldIn }) => toldIn === number).map(({ key }) => key);
}
