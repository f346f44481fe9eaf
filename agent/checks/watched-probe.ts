import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterNode } from "../../shared/domain/membership/cluster-document.ts";
import { type ObservedVerdict, observedVerdict } from "../../shared/domain/monitoring/observed-verdict.ts";
import type { ProbeSettings } from "../config/probe-settings.ts";
import type { HealthCheck } from "./health-check.ts";
import { JudgedLooks } from "./judged-looks.ts";

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
  readonly #looks: JudgedLooks;

  constructor(options: WatchedProbeOptions) {
    const { settings, check, chance, nowMs } = options;
    this.#options = options;
    this.#looks = new JudgedLooks({ check, pace: settings, nowMs, chance });
  }

  line(isInMaintenance: boolean): ProbeLine {
    const { name, settings, node } = this.#options;
    const { state, lastProblem } = this.#looks.verdict;
    return {
      probe: name,
      kind: settings.kind,
      node: node.nodeId,
      nodeName: node.name,
      verdict: observedVerdict(state, isInMaintenance),
      ...this.#looks.times,
      reason: state === "ok" ? null : lastProblem,
    };
  }

  close(): Promise<void> {
    return this.#looks.close();
  }
}
