import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";

/** What is worth a message to the cloud when it changes. Counts that never stand still (vectors, lag, ages) go along when something else does. */
type Essence = Pick<NodeReport, "documentVersion" | "groups"> & {
  readonly peers: readonly unknown[];
  readonly dataSets: readonly unknown[];
};

export interface NodeReporterOptions {
  readonly build: () => NodeReport;
  readonly send: (report: NodeReport) => void;
  /** At most this often, however much happens. */
  readonly leastIntervalMs: number;
  /** At least this often, even where nothing happens. */
  readonly mostIntervalMs: number;
}

/** Sends the node's report when what it says has changed, and now and then in any case. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  readonly #timer: NodeJS.Timeout;
  #last = "";
  #lastSentMs = Number.NEGATIVE_INFINITY;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), options.leastIntervalMs).unref();
  }

  /** Called by its own timer, and at once when the connection to the cloud is there. */
  look(): void {
    const { build, send, leastIntervalMs, mostIntervalMs } = this.#options;
    const sinceMs = performance.now() - this.#lastSentMs;
    if (sinceMs < leastIntervalMs * 0.9) return;
    const report = build();
    const essence = JSON.stringify(essenceOf(report));
    if (essence === this.#last && sinceMs < mostIntervalMs) return;
    this.#last = essence;
    this.#lastSentMs = performance.now();
    send(report);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function essenceOf({ documentVersion, groups, peers, dataSets }: NodeReport): Essence {
  return {
    documentVersion,
    groups,
    peers: peers.map(({ nodeId, reachable, paths }) => ({ nodeId, reachable, paths })),
    dataSets: dataSets.map(({ name, phase, progress, syncingWith, problem, unacknowledged, behind }) => ({
      name,
      phase,
      progress,
      syncingWith,
      problem,
      isAcknowledged: unacknowledged.changes === 0,
      isLevel: behind === 0,
    })),
  };
}
