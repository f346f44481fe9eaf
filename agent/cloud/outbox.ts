import type { EventId } from "../../shared/domain/ids.ts";
import type { ClusterEvent, Severity } from "../../shared/domain/monitoring/cluster-event.ts";
import { OutboxJournal } from "./outbox-journal.ts";

export interface OutboxOptions {
  readonly path: string;
  readonly eventsMax: number;
  /** Makes the event that says how many were dropped: while it waits it is counted up, not repeated. */
  readonly overflowEvent: (dropped: number) => ClusterEvent;
  /** The disk refuses to keep events (full, failing), and why; null when it keeps them again. */
  readonly onTrouble: (reason: string | null) => void;
}

const firstToGo: readonly Severity[] = ["info", "warning", "critical"];

/**
 * Events on their way to the cloud, oldest first: each is kept, on disk, until the cloud says that it has stored it. Never makes
 * anybody wait: with a full disk or a cloud that is away for weeks, events stay in memory within the bound and the agent goes on.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #journal: OutboxJournal;
  readonly #events: Map<EventId, ClusterEvent>;
  #overflow: { readonly eventId: EventId; readonly dropped: number } | null = null;

  private constructor(options: OutboxOptions, journal: OutboxJournal, events: Map<EventId, ClusterEvent>) {
    this.#options = options;
    this.#journal = journal;
    this.#events = events;
  }

  /** Reads what earlier runs have left. Rejects where the file is there and cannot be read. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const events = await OutboxJournal.read(options.path);
    const journal = new OutboxJournal({ path: options.path, onTrouble: options.onTrouble, waiting: () => [...events.values()] });
    return new Outbox(options, journal, events);
  }

  get size(): number {
    return this.#events.size;
  }

  /** Whether an event still waits for the cloud. */
  has(eventId: string): boolean {
    return this.#events.has(eventId as EventId);
  }

  /** Why events are not on disk now, else null. */
  get trouble(): string | null {
    return this.#journal.trouble;
  }

  /** Repeating an event changes nothing. It is on disk when `written` resolves. */
  add(event: ClusterEvent): void {
    if (this.#events.has(event.eventId)) return;
    if (this.#events.size >= this.#options.eventsMax) this.#makeRoom();
    this.#put(event);
  }

  /** The oldest events, as many as fit. */
  oldest(countMax: number, bytesMax: number): readonly ClusterEvent[] {
    const batch: ClusterEvent[] = [];
    let bytes = 0;
    for (const event of this.#events.values()) {
      bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
      if (batch.length >= countMax || (bytes > bytesMax && batch.length > 0)) break;
      batch.push(event);
    }
    return batch;
  }

  /** The cloud has them, or has refused them for good. Returns how many of them were waiting here. */
  remove(eventIds: readonly string[]): number {
    const known = eventIds.filter((id): id is EventId => this.#events.delete(id as EventId));
    if (this.#overflow !== null && known.includes(this.#overflow.eventId)) this.#overflow = null;
    if (known.length > 0) this.#journal.removed(known);
    return known.length;
  }

  /** Resolves when everything so far is on disk, or the disk has refused it. */
  written(): Promise<void> {
    return this.#journal.written();
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  #put(event: ClusterEvent): void {
    this.#events.set(event.eventId, event);
    this.#journal.added(event);
  }

  #makeRoom(): void {
    const before = this.#overflow;
    if (before !== null) this.remove([before.eventId]);
    let dropped = before?.dropped ?? 0;
    // Room for the new event, and for the one that tells of the loss.
    while (this.#events.size > this.#options.eventsMax - 2 && this.#dropOne()) dropped += 1;
    const event = this.#options.overflowEvent(dropped);
    this.#overflow = { eventId: event.eventId, dropped };
    this.#put(event);
  }

  #dropOne(): boolean {
    for (const severity of firstToGo) {
      for (const event of this.#events.values()) {
        if (event.severity === severity) return this.remove([event.eventId]) === 1;
      }
    }
    return false;
  }
}
