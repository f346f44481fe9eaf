import { z } from "zod";
import type { PreflightReport } from "../../shared/domain/preflight/preflight-report.ts";
import { preflightReportSchema } from "../../shared/protocol/preflight-schema.ts";
import { reasonOf } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";

const keptSchema = z.strictObject({
  report: preflightReportSchema,
  /** That the node joined in spite of failed checks is still to be told. */
  isUntold: z.boolean(),
});
type Kept = z.infer<typeof keptSchema>;

/** What the newest look at this server has found, kept over restarts. */
export class PreflightBook {
  readonly #path: string;
  #kept: Kept | null;

  private constructor(path: string, kept: Kept | null) {
    this.#path = path;
    this.#kept = kept;
  }

  /** A file that is damaged is told, and written anew by the next look: nothing depends on it. */
  static async open(path: string, onTrouble: (reason: string) => void): Promise<PreflightBook> {
    try {
      const text = await readIfPresent(path);
      return new PreflightBook(path, text === null ? null : keptSchema.parse(JSON.parse(text)));
    } catch (error) {
      onTrouble(`what the last look at this server had found cannot be read: ${path}: ${reasonOf(error)}`);
      return new PreflightBook(path, null);
    }
  }

  /** Null before the first look. */
  get report(): PreflightReport | null {
    return this.#kept?.report ?? null;
  }

  /** Checks in spite of which the node joined, where nobody has been told of them yet. */
  get untold(): readonly string[] {
    return this.#kept?.isUntold === true ? (this.#kept.report.despite ?? []) : [];
  }

  /** Nothing is left to be told of it. Rejects with the system's error; what was found is known here all the same. */
  async put(report: PreflightReport): Promise<void> {
    this.#kept = { report: preflightReportSchema.parse(report), isUntold: false };
    await keepPreflight(this.#path, report, false);
  }
}

/** Durable when this resolves. Rejects with the system's error; what was there before is then still there. */
export async function keepPreflight(path: string, report: PreflightReport, isUntold: boolean): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ report, isUntold })}\n`);
}
