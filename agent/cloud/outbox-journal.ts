import { type FileHandle, open, readFile } from "node:fs/promises";
import { z } from "zod";
import type { EventId } from "../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { clusterEventSchema } from "../../shared/protocol/event-schema.ts";
import { reasonOf, systemErrorCode } from "../agent-error.ts";
import { writeDurably } from "../storage/durable-file.ts";

/** After the disk has refused a write, it is asked again after this pause. */
const retryMs = 5_000;
/** The file is written anew when it has this many lines more than twice what still waits. */
const staleLinesMax = 1_000;

const lineSchema = z.union([z.strictObject({ add: clusterEventSchema }), z.strictObject({ remove: z.array(z.string()) })]);

export interface OutboxJournalOptions {
  readonly path: string;
  readonly onTrouble: (reason: string | null) => void;
  /** Everything that must be in the file when it is written anew. */
  readonly waiting: () => readonly ClusterEvent[];
}

/**
 * The outbox's file: a line for every event that came and for every receipt, appended and synced together with whatever came
 * meanwhile. After a failed write or sync nothing about the file is believed any more: it is written anew, whole, from memory.
 */
export class OutboxJournal {
  readonly #options: OutboxJournalOptions;
  #file: FileHandle | null = null;
  #pending: string[] = [];
  #lines = 0;
  #writing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #trouble: string | null = null;
  #closed = false;

  constructor(options: OutboxJournalOptions) {
    this.#options = options;
  }

  /** What still waits, in order. A last line that a crash has cut off is as if never written; so is one that is damaged. */
  static async read(path: string): Promise<Map<EventId, ClusterEvent>> {
    const events = new Map<EventId, ClusterEvent>();
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if (systemErrorCode(error) === "ENOENT") return "";
      throw error;
    });
    for (const line of text.split("\n")) {
      const entry = parseLine(line);
      if (entry === null) continue;
      if ("add" in entry) events.set(entry.add.eventId, entry.add);
      else for (const id of entry.remove) events.delete(id as EventId);
    }
    return events;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  added(event: ClusterEvent): void {
    this.#append({ add: event });
  }

  removed(eventIds: readonly string[]): void {
    this.#append({ remove: eventIds });
  }

  async written(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async close(): Promise<void> {
    await this.written();
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#file?.close();
    this.#file = null;
  }

  #append(line: unknown): void {
    if (this.#closed) return;
    this.#pending.push(`${JSON.stringify(line)}\n`);
    if (this.#retry === null) this.#write();
  }

  /** One write at a time; what comes meanwhile goes with the next. */
  #write(): void {
    if (this.#writing !== null) return;
    this.#writing = this.#writePending().finally(() => {
      this.#writing = null;
      if (this.#pending.length > 0 && this.#retry === null) this.#write();
    });
  }

  async #writePending(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    try {
      const isStale = this.#lines + lines.length > 2 * this.#options.waiting().length + staleLinesMax;
      if (this.#file === null || isStale) await this.#writeAnew();
      else await this.#appendLines(this.#file, lines);
      this.#tell(null);
    } catch (error) {
      await this.#file?.close().catch(() => undefined);
      this.#file = null;
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#write();
      }, retryMs).unref();
      this.#tell(`${this.#options.path} cannot be written: ${reasonOf(error)}`);
    }
  }

  async #appendLines(file: FileHandle, lines: readonly string[]): Promise<void> {
    await file.appendFile(lines.join(""));
    await file.datasync();
    this.#lines += lines.length;
  }

  async #writeAnew(): Promise<void> {
    const waiting = this.#options.waiting();
    // Every line that is pending now is part of what waits, or of what does not any more.
    this.#pending = [];
    await writeDurably(this.#options.path, waiting.map((event) => `${JSON.stringify({ add: event })}\n`).join(""));
    await this.#file?.close();
    this.#file = await open(this.#options.path, "a", 0o600);
    this.#lines = waiting.length;
  }

  #tell(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onTrouble(trouble);
  }
}

function parseLine(line: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
