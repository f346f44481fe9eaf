import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";

/**
 * Says that a data set takes no part in replication any more, and why: once for each reason, however often the file is tried
 * anew in between, until the data set has followed again.
 */
export class RefusalNews {
  readonly #told = new Map<string, string>();
  readonly #onEvent: (detail: EventDetail) => void;

  constructor(onEvent: (detail: EventDetail) => void) {
    this.#onEvent = onEvent;
  }

  look(dataSets: readonly DataSetStatus[]): void {
    for (const { name, phase, problem } of dataSets) {
      if (phase === "following") this.#told.delete(name);
      if (phase !== "refused" || problem === undefined || this.#told.get(name) === problem) continue;
      this.#told.set(name, problem);
      this.#onEvent({ kind: "replication.refused", dataSet: name, reason: problem });
    }
  }
}
