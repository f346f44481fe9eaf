import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";

/**
 * Says that a data set takes no part in replication any more, and why: once for each reason, however often the file is tried
 * anew in between; and that it follows again.
 */
export class RefusalNews {
  readonly #told = new Map<string, { readonly reason: string; readonly sinceMs: number }>();
  readonly #onEvent: (detail: EventDetail) => void;

  constructor(onEvent: (detail: EventDetail) => void) {
    this.#onEvent = onEvent;
  }

  look(dataSets: readonly DataSetStatus[]): void {
    for (const { name, phase, problem } of dataSets) {
      const told = this.#told.get(name);
      if (phase === "following" && told !== undefined) {
        this.#told.delete(name);
        this.#onEvent({ kind: "replication.ready", dataSet: name, refusedMs: Math.round(performance.now() - told.sinceMs) });
      }
      if (phase !== "refused" || problem === undefined || told?.reason === problem) continue;
      this.#told.set(name, { reason: problem, sinceMs: told?.sinceMs ?? performance.now() });
      this.#onEvent({ kind: "replication.refused", dataSet: name, reason: problem });
    }
  }
}
