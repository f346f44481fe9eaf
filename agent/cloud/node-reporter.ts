import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";

/** What is worth a message to the cloud when it changes. Counts that never stand still (vectors, lag, ages) go along when something else does. */
type Essence = Pick<NodeReport, "documentVersion" | "groups" | "triggerRuns"> & {
  readonly peers: readonly unknown[];
  readonly dataSets: readonly unknown[];
  readonly alarms: readonly unknown[];
};

export interface NodeReporterOptions {
  readonly build: () => NodeReport;
  readonly send: (report: NodeReport) => void;
  readonly nowMs: () => number;
  /** At most this often on average, however much happens. */
  readonly leastIntervalMs: number;
  /** After a quiet time so many may follow each other at once: a cluster that is being made waits for each. */
  readonly inARow: number;
  /** At least this often, even where nothing happens. */
  readonly mostIntervalMs: number;
}

/** How the agent paces its reports: one every two seconds is what the cloud must bear of a cluster where things keep happening. */
export const reportPace = { leastIntervalMs: 2_000, inARow: 8, mostIntervalMs: 300_000 } as const;
export const reportLookEveryMs = 200;

/** Sends the node's report when what it says has changed, and now and then in any case. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #last = "";
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #lastLookMs: number;
  /** Quiet time that has been saved up; each report costs the least interval. */
  #savedMs: number;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
    this.#savedMs = options.inARow * options.leastIntervalMs;
    this.#lastLookMs = options.nowMs();
  }

  /** Called often: a change that nobody has looked for is not sent. */
  look(): void {
    const { build, send, nowMs, leastIntervalMs, inARow, mostIntervalMs } = this.#options;
    const now = nowMs();
    this.#savedMs = Math.min(inARow * leastIntervalMs, this.#savedMs + now - this.#lastLookMs);
    this.#lastLookMs = now;
    if (this.#savedMs < leastIntervalMs) return;
    const report = build();
    const essence = JSON.stringify(essenceOf(report));
    if (essence === this.#last && now - this.#lastSentMs < mostIntervalMs) return;
    this.#last = essence;
    this.#lastSentMs = now;
    this.#savedMs -= leastIntervalMs;
    send(report);
  }
}

function essenceOf({ documentVersion, groups, peers, dataSets, alarms = [], triggerRuns = [] }: NodeReport): Essence {
  return {
    documentVersion,
    groups,
    triggerRuns,
    peers: peers.map(({ nodeId, reachable, paths }) => ({ nodeId, reachable, paths })),
    dataSets: dataSets.map(({ name, phase, progress, syncingWith, problem, unacknowledged, behind, openConflicts }) => ({
      name,
      phase,
      progress,
      syncingWith,
      problem,
      openConflicts,
      isAcknowledged: unacknowledged.changes === 0,
      isLevel: behind === 0,
    })),
    alarms: alarms.map(({ name, dataSet, colour }) => ({ name, dataSet, colour })),
  };
}
