import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { CheckEdge } from "../../shared/domain/monitoring/check-verdict.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { CheckSettings } from "../config/check-settings.ts";
import type { HealthCheck } from "./health-check.ts";
import { type CheckLine, WatchedCheck } from "./watched-check.ts";

const reasonLengthMax = 1_000;

export interface CheckBoardOptions {
  /** By group and name. */
  readonly settings: Readonly<Record<GroupName, Readonly<Record<string, CheckSettings>>>>;
  readonly make: (settings: CheckSettings) => HealthCheck;
  readonly nowMs: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly record: (detail: EventDetail) => void;
  /** What the checks say against this node has changed. */
  readonly onChange: () => void;
}

/** Every check of this node's settings. */
export class CheckBoard {
  readonly #options: CheckBoardOptions;
  readonly #checks: readonly WatchedCheck[];

  constructor(options: CheckBoardOptions) {
    const { settings, make, nowMs, chance, onChange } = options;
    this.#options = options;
    this.#checks = Object.entries(settings).flatMap(([key, checks]) => {
      const group = key as GroupName;
      return Object.entries(checks).map(([name, one]) => {
        const onEdge = (edge: CheckEdge): void => this.#tell(group, name, edge);
        return new WatchedCheck({ group, name, settings: one, check: make(one), nowMs, chance, onEdge, onChange });
      });
    });
  }

  get lines(): readonly CheckLine[] {
    return this.#checks.map(({ line }) => line);
  }

  /** Why this node is not fit for the group, by its checks. */
  problemsOf(group: GroupName): readonly string[] {
    return this.#checks.flatMap((check) => (check.group === group && check.problem !== null ? [check.problem] : []));
  }

  /** Groups that have checks in the settings, and are none of the cluster's. */
  unknownGroups(known: readonly GroupName[]): readonly string[] {
    return Object.keys(this.#options.settings).filter((group) => !known.some((name) => name === group));
  }

  viewChanged(view: NodeView): void {
    for (const check of this.#checks) {
      const told = view.groups.find(({ group }) => group === check.group);
      check.groupIs(told?.state ?? "left");
    }
  }

  /** Ends every look; resolves when none runs any more. */
  async close(): Promise<void> {
    await Promise.all(this.#checks.map((check) => check.close()));
  }

  #tell(group: GroupName, check: string, edge: CheckEdge): void {
    this.#options.record(
      edge.kind === "failed"
        ? { kind: "check.failed", group, check, reason: edge.reason.slice(0, reasonLengthMax) }
        : { kind: "check.recovered", group, check, failedMs: edge.failedMs },
    );
  }
}
