import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { LogUse } from "../../shared/domain/replication/log-limits.ts";

/** From here on it is told, so that somebody has the time to act; and told anew once it was below the second. */
const percent = { told: 80, over: 70 } as const;

/** Says that a log is nearly as full as it may be, once for each member for which it is kept. */
export class RetentionNews {
  readonly #told = new Map<string, ReadonlySet<NodeId>>();
  readonly #onEvent: (detail: EventDetail) => void;

  constructor(onEvent: (detail: EventDetail) => void) {
    this.#onEvent = onEvent;
  }

  /** `lacking`: who is away, and lacks something of the log. */
  look(dataSet: string, { percent: used, of }: LogUse, lacking: readonly NodeId[]): void {
    const told = this.#told.get(dataSet) ?? new Set();
    if (used < percent.told) {
      if (used < percent.over) this.#told.delete(dataSet);
      return;
    }
    this.#told.set(dataSet, new Set(lacking));
    for (const node of lacking)
      if (!told.has(node))
        this.#onEvent({ kind: "replication.log-filling", dataSet, node, usedPercent: Math.min(100, Math.floor(used)), of });
  }
}
