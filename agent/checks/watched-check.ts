import type { GroupName } from "../../shared/domain/ids.ts";
import {
  type CheckEdge,
  type CheckState,
  type CheckVerdict,
  detectionMsMax,
  firstVerdict,
  forgotten,
  judged,
} from "../../shared/domain/monitoring/check-verdict.ts";
import type { CheckSettings } from "../config/check-settings.ts";
import { CheckLoop } from "./check-loop.ts";
import type { HealthCheck } from "./health-check.ts";

/** However often a check fails: a node is asked to run the group again after this time, or its own `retryAfterMs` where that is longer. */
const retryAfterMsMost = 3_600_000;

/** What the status shows of one check. Times in milliseconds. */
export interface CheckLine {
  readonly group: GroupName;
  readonly name: string;
  readonly kind: CheckSettings["kind"];
  readonly when: CheckSettings["when"];
  readonly state: CheckState;
  /** For how long it has been in this state. */
  readonly stateForMs: number;
  /** Whether it is looked at now. */
  readonly isWatched: boolean;
  /** How long ago the newest look ended; null where there was none since the agent's start. */
  readonly lastLookMs: number | null;
  /** What the newest bad look found; null where none ever was. */
  readonly lastError: string | null;
  /** The longest that a fault can go on before this check has failed. */
  readonly detectsWithinMs: number;
}

export interface WatchedCheckOptions {
  readonly group: GroupName;
  readonly name: string;
  readonly settings: CheckSettings;
  readonly check: HealthCheck;
  readonly nowMs: () => number;
  readonly chance: () => number;
  readonly onEdge: (edge: CheckEdge) => void;
  /** Whether it stands in the way of the group here, or why, has changed. */
  readonly onChange: () => void;
}

/**
 * One check of one group: its looks, its verdict, and how long that counts. Where it can be judged on the operational node alone, a
 * failure counts for a while after the group has gone: else the next node would give it straight back.
 */
export class WatchedCheck {
  readonly #options: WatchedCheckOptions;
  readonly #loop: CheckLoop;
  #verdict: CheckVerdict;
  #lastLookAtMs: number | null = null;
  /** Failures that came soon after each other. */
  #failures = 0;
  #forgetting: NodeJS.Timeout | null = null;

  constructor(options: WatchedCheckOptions) {
    const { settings, check, chance, nowMs } = options;
    this.#options = options;
    this.#verdict = firstVerdict(nowMs());
    this.#loop = new CheckLoop({
      check,
      timeoutMs: settings.timeoutMs,
      pauseMs: () => (this.#verdict.illSinceMs === null ? settings.intervalMs : settings.retryIntervalMs),
      chance,
      onLook: (problem) => this.#looked(problem),
    });
    if (settings.when === "always") this.#loop.start();
  }

  get group(): GroupName {
    return this.#options.group;
  }

  /** Why this node is not fit for the group; null where the check says nothing against it. */
  get problem(): string | null {
    const { name } = this.#options;
    return this.#verdict.state === "failed" ? `check ${name} failed here: ${this.#verdict.lastProblem ?? "for no known reason"}` : null;
  }

  get line(): CheckLine {
    const { group, name, settings, nowMs } = this.#options;
    const { state, sinceMs, lastProblem } = this.#verdict;
    return {
      group,
      name,
      kind: settings.kind,
      when: settings.when,
      state,
      stateForMs: Math.round(nowMs() - sinceMs),
      isWatched: this.#loop.isOn,
      lastLookMs: this.#lastLookAtMs === null ? null : Math.round(nowMs() - this.#lastLookAtMs),
      lastError: lastProblem,
      detectsWithinMs: detectionMsMax(settings),
    };
  }

  /** What the group is on this node has changed, or was said again. */
  groupIs(state: string): void {
    if (this.#options.settings.when === "always") return;
    if (state === "operational" && !this.#loop.isOn) this.#begin();
    if (state !== "operational" && this.#loop.isOn) this.#leave();
    // Nobody runs the group, and nobody counts as fit: a service that may be ill again is better than none.
    if (state === "safe-halt" && this.#forgetting !== null) this.#forget();
  }

  async close(): Promise<void> {
    if (this.#forgetting !== null) clearTimeout(this.#forgetting);
    await this.#loop.stop();
  }

  #begin(): void {
    if (this.#forgetting !== null) clearTimeout(this.#forgetting);
    this.#forgetting = null;
    this.#loop.start();
  }

  #leave(): void {
    void this.#loop.stop();
    if (this.#verdict.state !== "failed") return this.#forget();
    const { retryAfterMs } = this.#options.settings;
    const waitMs = Math.min(retryAfterMs * 2 ** (this.#failures - 1), Math.max(retryAfterMs, retryAfterMsMost));
    this.#forgetting = setTimeout(() => this.#forget(), waitMs).unref();
  }

  #forget(): void {
    if (this.#forgetting !== null) clearTimeout(this.#forgetting);
    this.#forgetting = null;
    const stood = this.problem !== null;
    this.#verdict = forgotten(this.#verdict, this.#options.nowMs());
    if (stood) this.#options.onChange();
  }

  #looked(problem: string | null): void {
    const { settings, nowMs, onEdge, onChange } = this.#options;
    const atMs = nowMs();
    this.#lastLookAtMs = atMs;
    const before = this.#verdict;
    const { verdict, edge } = judged(before, { atMs, problem }, settings);
    this.#verdict = verdict;
    if (verdict.state === "ok" && atMs - verdict.sinceMs >= settings.retryAfterMs) this.#failures = 0;
    if (edge?.kind === "failed") this.#failures += 1;
    if (edge !== null) onEdge(edge);
    if (before.state === "failed" || verdict.state === "failed") onChange();
  }
}
