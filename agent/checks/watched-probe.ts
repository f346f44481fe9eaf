import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { type CheckVerdict, firstVerdict, judged } from "../../shared/domain/monitoring/check-verdict.ts";
import { type ObservedVerdict, observedVerdict } from "../../shared/domain/monitoring/observed-verdict.ts";
import type { ProbeSettings } from "../config/probe-settings.ts";
import { CheckLoop } from "./check-loop.ts";
import type { HealthCheck } from "./health-check.ts";

/** What this node sees of one service of one node. Times in milliseconds. */
export interface ProbeLine {
  readonly probe: string;
  readonly kind: ProbeSettings["kind"];
  readonly node: NodeId;
  readonly nodeName: string;
  readonly verdict: ObservedVerdict;
  /** For how long the looks have said so; maintenance is not counted. */
  readonly stateForMs: number;
  /** How long ago the newest look ended; null where there was none yet. */
  readonly lastLookMs: number | null;
  /** What the newest bad look found; null where the service is ok, or was never looked at. */
  readonly reason: string | null;
}

export interface WatchedProbeOptions {
  readonly name: string;
  readonly settings: ProbeSettings;
  readonly node: ClusterNode;
  readonly check: HealthCheck;
  readonly nowMs: () => number;
  readonly chance: () => number;
}

/** One service of one node, looked at for as long as this is open. Nothing follows from it: it informs. */
export class WatchedProbe {
  readonly #options: WatchedProbeOptions;
  readonly #loop: CheckLoop;
  #verdict: CheckVerdict;
  #lastLookAtMs: number | null = null;

  constructor(options: WatchedProbeOptions) {
    const { settings, check, chance, nowMs } = options;
    this.#options = options;
    this.#verdict = firstVerdict(nowMs());
    this.#loop = new CheckLoop({
      check,
      timeoutMs: settings.timeoutMs,
      pauseMs: () => (this.#verdict.illSinceMs === null ? settings.intervalMs : settings.retryIntervalMs),
      chance,
      onLook: (problem) => {
        const atMs = nowMs();
        this.#lastLookAtMs = atMs;
        this.#verdict = judged(this.#verdict, { atMs, problem }, settings).verdict;
      },
    });
    this.#loop.start();
  }

  line(isInMaintenance: boolean): ProbeLine {
    const { name, settings, node, nowMs } = this.#options;
    const { state, sinceMs, lastProblem } = this.#verdict;
    return {
      probe: name,
      kind: settings.kind,
      node: node.nodeId,
      nodeName: node.name,
      verdict: observedVerdict(state, isInMaintenance),
      stateForMs: Math.round(nowMs() - sinceMs),
      lastLookMs: this.#lastLookAtMs === null ? null : Math.round(nowMs() - this.#lastLookAtMs),
      reason: state === "ok" ? null : lastProblem,
    };
  }

  close(): Promise<void> {
    return this.#loop.stop();
  }
}
