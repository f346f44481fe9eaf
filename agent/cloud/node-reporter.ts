import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import { preflightEssence } from "../../shared/domain/preflight/preflight-report.ts";

/** What is worth a message to the cloud when it changes. Counts that never stand still (vectors, lag, ages) go along when something else does. */
type Essence = Pick<NodeReport, "documentVersion" | "certificateSha256" | "groups" | "triggerRuns"> & {
  readonly peers: readonly unknown[];
  readonly dataSets: readonly unknown[];
  readonly alarms: readonly unknown[];
  readonly preflight: unknown;
};

/** Whether a replica is level with the others, both ways. */
type Level = "level" | "behind" | "ahead" | "apart";

export interface NodeReporterOptions {
  readonly build: () => NodeReport;
  readonly send: (report: NodeReport) => void;
  readonly nowMs: () => number;
  /** At most this often on average, however much happens. */
  readonly leastIntervalMs: number;
  /** After a quiet time so many may follow each other at once: a cluster that is being made waits for each. */
  readonly inARow: number;
  /** Where nothing happens, the next report comes so long after the last news, and then after twice as long each time, up to the longest. */
  readonly firstQuietMs: number;
  readonly longestQuietMs: number;
  /** For so long a replica must have been level, or not, before that alone is news: while an application writes it is now the one, now the other. */
  readonly levelForMs: number;
}

/**
 * How the agent paces its reports. One every two seconds is what the cloud must bear of a cluster where things keep happening. The first quiet one comes when a document
 * has stood for a minute, which is what some decisions of the control plane wait for (witness-vote.ts); the longest pause is what a node's cost hangs on (functions/COST.md).
 */
export const reportPace = {
  leastIntervalMs: 2_000,
  inARow: 8,
  firstQuietMs: 75_000,
  longestQuietMs: 3_600_000,
  levelForMs: 10_000,
} as const;
export const reportLookEveryMs = 200;

/** Sends the node's report when what it says has changed, and now and then in any case. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #last = "";
  #lastSentMs = Number.NEGATIVE_INFINITY;
  /** For how long nothing must happen before the next report. */
  #quietMs = 0;
  #lastLookMs: number;
  /** Of each data set, as the last report said. */
  #toldLevels: ReadonlyMap<string, Level> = new Map();
  /** Of each data set, since when it is what it is now. */
  #levels: ReadonlyMap<string, { readonly level: Level; readonly sinceMs: number }> = new Map();
  /** Quiet time that has been saved up; each report costs the least interval. */
  #savedMs: number;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
    this.#savedMs = options.inARow * options.leastIntervalMs;
    this.#lastLookMs = options.nowMs();
  }

  /** Called often: a change that nobody has looked for is not sent. */
  look(): void {
    const { build, send, nowMs, leastIntervalMs, inARow, firstQuietMs, longestQuietMs } = this.#options;
    const now = nowMs();
    this.#savedMs = Math.min(inARow * leastIntervalMs, this.#savedMs + now - this.#lastLookMs);
    this.#lastLookMs = now;
    if (this.#savedMs < leastIntervalMs) return;
    const report = build();
    this.#watchLevels(report, now);
    const isNews = JSON.stringify(essenceOf(report)) !== this.#last || this.#isLevelNews(now);
    if (!isNews && now - this.#lastSentMs < this.#quietMs) return;
    this.#quietMs = isNews ? firstQuietMs : Math.min(2 * this.#quietMs, longestQuietMs);
    this.#last = JSON.stringify(essenceOf(report));
    this.#toldLevels = new Map(report.dataSets.map((dataSet) => [dataSet.name, levelOf(dataSet)]));
    this.#lastSentMs = now;
    this.#savedMs -= leastIntervalMs;
    send(report);
  }

  #watchLevels({ dataSets }: NodeReport, now: number): void {
    this.#levels = new Map(
      dataSets.map((dataSet) => {
        const [level, known] = [levelOf(dataSet), this.#levels.get(dataSet.name)];
        return [dataSet.name, known?.level === level ? known : { level, sinceMs: now }];
      }),
    );
  }

  #isLevelNews(now: number): boolean {
    const { levelForMs } = this.#options;
    return [...this.#levels].some(([name, { level, sinceMs }]) => level !== this.#toldLevels.get(name) && now - sinceMs >= levelForMs);
  }
}

function levelOf({ unacknowledged, behind }: NodeReport["dataSets"][number]): Level {
  if (unacknowledged.changes === 0) return behind === 0 ? "level" : "behind";
  return behind === 0 ? "ahead" : "apart";
}

function essenceOf({
  documentVersion,
  certificateSha256 = "",
  groups,
  peers,
  dataSets,
  alarms = [],
  triggerRuns = [],
  preflight,
}: NodeReport): Essence {
  return {
    documentVersion,
    certificateSha256,
    groups,
    triggerRuns,
    preflight: preflight === undefined ? undefined : preflightEssence(preflight),
    peers: peers.map(({ nodeId, reachable, paths }) => ({ nodeId, reachable, paths })),
    dataSets: dataSets.map(({ name, phase, progress, syncingWith, problem, openConflicts }) => ({
      name,
      phase,
      progress,
      syncingWith,
      problem,
      openConflicts,
    })),
    // A clock that is on the verge of a warning goes to and fro: that waits for the next report.
    alarms: alarms.map(({ name, dataSet, colour }) => ({
      name,
      dataSet,
      colour: name === "time" && colour === "yellow" ? "green" : colour,
    })),
  };
}
