import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { type CheckEdge, type CheckState, detectionMsMax } from "../../shared/domain/monitoring/check-verdict.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { HealthCheck } from "../checks/health-check.ts";
import { JudgedLooks } from "../checks/judged-looks.ts";
import type { SharedDataSettings } from "../config/shared-data-settings.ts";

const reasonLengthMax = 1_000;

/** What this node sees of one database that all nodes use. Times in milliseconds. */
export interface SharedDataLine {
  readonly dataSet: string;
  readonly kind: SharedDataSettings["kind"];
  readonly state: CheckState;
  /** For how long it has been in this state. */
  readonly stateForMs: number;
  /** How long ago the newest look ended; null where there was none yet. */
  readonly lastLookMs: number | null;
  /** What the newest bad look found; null where it is ok, or was never looked at. */
  readonly reason: string | null;
  /** The longest that it can be away before it counts as failed. */
  readonly detectsWithinMs: number;
}

export interface SharedDataBoardOptions {
  /** By data set. */
  readonly settings: Readonly<Record<string, SharedDataSettings>>;
  readonly make: (settings: SharedDataSettings) => HealthCheck;
  readonly document: () => ClusterDocument;
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly record: (detail: EventDetail) => void;
}

interface Watched {
  readonly settings: SharedDataSettings;
  readonly looks: JudgedLooks;
}

/** The databases that all nodes use, as the cluster document declares them. They are looked at and told of; what a node may run does not hang on them. */
export class SharedDataBoard {
  readonly #options: SharedDataBoardOptions;
  readonly #watched = new Map<string, Watched>();
  #document: ClusterDocument | null = null;
  #closing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: SharedDataBoardOptions) {
    this.#options = options;
  }

  get lines(): readonly SharedDataLine[] {
    return [...this.#watched].map(([dataSet, { settings, looks }]) => ({
      dataSet,
      kind: settings.kind,
      state: looks.verdict.state,
      ...looks.times,
      reason: looks.verdict.state === "ok" ? null : looks.verdict.lastProblem,
      detectsWithinMs: detectionMsMax(settings),
    }));
  }

  /** What is declared and not looked at here, or the other way round. */
  get problems(): readonly string[] {
    const declared = sharedIn(this.#options.document());
    const set = Object.keys(this.#options.settings);
    return [
      ...declared
        .filter((name) => !set.includes(name))
        .map((name) => `nobody looks here whether the shared database ${name} answers: add sharedData.${name} to the settings`),
      ...set
        .filter((name) => !declared.includes(name))
        .map((name) => `the settings have sharedData.${name}, and the cluster document has no data set of kind shared with that name`),
    ];
  }

  /** Comes with every view, many times a second: only another document changes what is looked at. */
  viewChanged(): void {
    const document = this.#options.document();
    if (document === this.#document || this.#isClosed) return;
    this.#document = document;
    const declared = sharedIn(document);
    for (const [name, { looks }] of this.#watched) {
      if (declared.includes(name)) continue;
      this.#watched.delete(name);
      this.#closing = Promise.all([this.#closing, looks.close()]);
    }
    for (const name of declared) this.#watch(name);
  }

  /** Resolves when nothing is looked at any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#closing, ...[...this.#watched.values()].map(({ looks }) => looks.close())]);
  }

  #watch(name: string): void {
    const { settings, make, nowMs, chance, record } = this.#options;
    const own = settings[name];
    if (own === undefined || this.#watched.has(name)) return;
    const onEdge = (edge: CheckEdge): void => record(eventOf(name, edge));
    this.#watched.set(name, { settings: own, looks: new JudgedLooks({ check: make(own), pace: own, nowMs, chance, onEdge }) });
  }
}

function sharedIn({ dataSets }: ClusterDocument): readonly string[] {
  return dataSets.flatMap(({ kind, name }) => (kind === "shared" ? [name] : []));
}

function eventOf(dataSet: string, edge: CheckEdge): EventDetail {
  return edge.kind === "failed"
    ? { kind: "shared-data.failed", dataSet, reason: edge.reason.slice(0, reasonLengthMax) }
    : { kind: "shared-data.recovered", dataSet, failedMs: edge.failedMs };
}
