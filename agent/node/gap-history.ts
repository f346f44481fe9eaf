import { z } from "zod";
import type { NodeId, PathName } from "../../shared/domain/ids.ts";
import { type GapHistogram, gapClasses, noGaps, withGap } from "../../shared/domain/monitoring/gap-histogram.ts";
import type { DayOfGaps } from "../../shared/domain/monitoring/timing-advice.ts";
import { nodeIdSchema, pathNameSchema } from "../../shared/protocol/id-schemas.ts";
import { reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import type { SeenGaps } from "./heartbeat-gaps.ts";

const daysMax = 30;
const writeIntervalMs = 300_000;

const histogramSchema = z.strictObject({
  counts: z.array(z.int().min(0)).max(gapClasses),
  longestMs: z.number().min(0),
}) satisfies z.ZodType<GapHistogram>;

const daysSchema = z
  .array(
    z.strictObject({ day: z.iso.date(), peers: z.record(nodeIdSchema, z.record(pathNameSchema, histogramSchema)), own: histogramSchema }),
  )
  .max(daysMax) satisfies z.ZodType<readonly DayOfGaps[]>;

export interface GapHistoryOptions {
  readonly path: string;
  readonly wallClock: () => Date;
  readonly onTrouble: (reason: string) => void;
}

/** The last days' gaps, kept over restarts. Nothing depends on them: a file that is damaged or cannot be written is told, and the counting goes on. */
export class GapHistory {
  readonly #options: GapHistoryOptions;
  #days: readonly DayOfGaps[];
  readonly #timer: NodeJS.Timeout;

  private constructor(options: GapHistoryOptions, days: readonly DayOfGaps[]) {
    this.#options = options;
    this.#days = days;
    this.#timer = setInterval(() => void this.#write(), writeIntervalMs);
    this.#timer.unref();
  }

  static async open(options: GapHistoryOptions): Promise<GapHistory> {
    try {
      const text = await readIfPresent(options.path);
      return new GapHistory(options, text === null ? [] : daysSchema.parse(JSON.parse(text)));
    } catch (error) {
      options.onTrouble(`what was known of heartbeat gaps cannot be read and is begun anew: ${options.path}: ${reasonOf(error)}`);
      return new GapHistory(options, []);
    }
  }

  /** Oldest first. */
  get days(): readonly DayOfGaps[] {
    return this.#days;
  }

  add(seen: SeenGaps): void {
    const day = this.#options.wallClock().toISOString().slice(0, 10);
    const known = this.#days.find((one) => one.day === day) ?? { day, peers: {}, own: noGaps };
    const peers = { ...known.peers };
    for (const [node, paths] of Object.entries(seen.peers) as [NodeId, SeenGaps["peers"][NodeId]][]) {
      const grown = Object.entries(paths).map(([path, gaps]) => [path, gaps.reduce(withGap, peers[node]?.[path as PathName] ?? noGaps)]);
      peers[node] = { ...peers[node], ...Object.fromEntries(grown) };
    }
    const grown = { day, peers, own: seen.own.reduce(withGap, known.own) };
    const others = this.#days.filter((one) => one.day !== day);
    this.#days = [...others, grown].toSorted((one, other) => one.day.localeCompare(other.day)).slice(-daysMax);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  async #write(): Promise<void> {
    try {
      await writeDurably(this.#options.path, `${JSON.stringify(this.#days)}\n`);
    } catch (error) {
      this.#options.onTrouble(`heartbeat gaps cannot be kept on disk: ${reasonOf(error)}`);
    }
  }
}
