import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { withOutcome } from "../../shared/domain/preflight/preflight-check.ts";
import { type PreflightReport, preflightReport } from "../../shared/domain/preflight/preflight-report.ts";
import { reasonOf } from "../agent-error.ts";
import type { Looked } from "./look-at-server.ts";
import { PreflightBook } from "./preflight-book.ts";

export interface PreflightWatchOptions {
  readonly path: string;
  /** One look at everything, which is given up when the signal is aborted. */
  readonly look: (given: AbortSignal) => Promise<Looked>;
  readonly wallClock: () => Date;
  readonly record: (detail: EventDetail) => void;
  readonly onTrouble: (reason: string) => void;
  readonly firstAfterMs: number;
  readonly everyMs: number;
}

/** An agent that starts has more urgent things to do; disks fill, and are looked at again. */
export const preflightPace = { firstAfterMs: 60_000, everyMs: 3_600_000 } as const;

/** Looks at the server now and then while the agent runs, for its report. Nothing that the node does hangs on it. */
export class PreflightWatch {
  readonly #options: PreflightWatchOptions;
  readonly #book: PreflightBook;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout;

  private constructor(options: PreflightWatchOptions, book: PreflightBook) {
    this.#options = options;
    this.#book = book;
    this.#timer = this.#after(options.firstAfterMs);
  }

  /** Tells at once that the node has joined in spite of failed checks, where that was not told yet. */
  static async open(options: PreflightWatchOptions): Promise<PreflightWatch> {
    const book = await PreflightBook.open(options.path, options.onTrouble);
    const watch = new PreflightWatch(options, book);
    await watch.#tell();
    return watch;
  }

  /** Null before the first look. */
  get report(): PreflightReport | null {
    return this.#book.report;
  }

  /** A look that is under way is given up. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  async #tell(): Promise<void> {
    const { report, untold } = this.#book;
    if (report === null || untold.length === 0) return;
    this.#options.record({ kind: "preflight.overridden", checks: untold });
    await this.#keep(report);
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), ms).unref();
  }

  async #look(): Promise<void> {
    const { look, wallClock, onTrouble, everyMs } = this.#options;
    const { signal } = this.#closing;
    try {
      const { results, beside } = await look(signal);
      const failing = withOutcome(results, "fail").map(({ id }) => id);
      const despite = (this.#book.report?.despite ?? []).filter((id) => failing.includes(id));
      if (!signal.aborted) await this.#keep(preflightReport(wallClock().toISOString(), results, despite, beside));
    } catch (error) {
      if (!signal.aborted) onTrouble(`this server could not be looked at: ${reasonOf(error)}`);
    }
    if (!signal.aborted) this.#timer = this.#after(everyMs);
  }

  async #keep(report: PreflightReport): Promise<void> {
    try {
      await this.#book.put(report);
    } catch (error) {
      // Of what was under way at the end nobody hears any more.
      if (this.#closing.signal.aborted) return;
      this.#options.onTrouble(`what the look at this server has found cannot be kept: ${reasonOf(error)}`);
    }
  }
}
