import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { readIfPresent, syncDirectory, writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";

export const maintenanceReasonCharactersMax = 200;

const workSchema = z.strictObject({ since: z.iso.datetime(), reason: z.string().min(1).max(maintenanceReasonCharactersMax) });

/** By them other nodes know it, too: they stand in what it says against itself. */
const maintenanceWords = "it is in maintenance";

/** Whether somebody works on a node, by what it holds against itself for its groups. */
export function saysMaintenance(groupProblems: Readonly<Record<string, string>>): boolean {
  return Object.values(groupProblems).some((problem) => problem.includes(maintenanceWords));
}

/** `since`: wall-clock time, ISO 8601 in UTC. */
export type Work = z.infer<typeof workSchema>;

export interface MaintenanceOptions {
  readonly path: string;
  readonly wallClock: () => Date;
  /** After every change. */
  readonly onChange: (detail: EventDetail) => void;
  readonly onTrouble: (reason: string) => void;
}

/**
 * An operator works on this server: it shall take no group until the operator says so, restarts of the agent and of the machine included.
 * It stays a voter, and keeps its replica.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #work: Work | null;

  private constructor(options: MaintenanceOptions, work: Work | null) {
    this.#options = options;
    this.#work = work;
  }

  /** A file that cannot be read counts as maintenance: it was begun, and nobody is known to have ended it. */
  static async open(options: MaintenanceOptions): Promise<Maintenance> {
    const text = await readIfPresent(options.path);
    if (text === null) return new Maintenance(options, null);
    const kept = workSchema.safeParse(parseJson(text));
    if (kept.success) return new Maintenance(options, kept.data);
    options.onTrouble(`${options.path} is damaged: this node counts as in maintenance until somebody ends it`);
    return new Maintenance(options, { since: options.wallClock().toISOString(), reason: "why is not known: its record is damaged" });
  }

  get work(): Work | null {
    return this.#work;
  }

  /** Why this node shall hold no group; null where it may. */
  get problem(): string | null {
    return this.#work === null ? null : `${maintenanceWords}: ${this.#work.reason}`;
  }

  /** Durable when this resolves. Begun again it keeps the time of its beginning. Rejects with the system's error, and then nothing has changed. */
  async begin(reason: string): Promise<void> {
    const work = { since: this.#work?.since ?? this.#options.wallClock().toISOString(), reason };
    await writeDurably(this.#options.path, `${JSON.stringify(work)}\n`);
    this.#work = work;
    this.#options.onChange({ kind: "node.maintenance-begun", reason });
  }

  async end(): Promise<void> {
    if (this.#work === null) return;
    const lastedMs = Math.max(0, this.#options.wallClock().getTime() - Date.parse(this.#work.since));
    await rm(this.#options.path, { force: true });
    await syncDirectory(dirname(this.#options.path));
    this.#work = null;
    this.#options.onChange({ kind: "node.maintenance-over", lastedMs });
  }
}
