import { resourceStates } from "../../shared/domain/failover/group-states.ts";
import type { GroupView, NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { Tenure } from "../../shared/domain/replication/tenure.ts";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";

/** Views come twenty times a second: this long without one, nothing is known any more. */
const viewAgeMsMax = 1_000;

/** What this node may say of itself to the outside, for one group, at one instant. */
export type Standing =
  | { readonly is: "operational"; readonly epoch: number }
  /** It is letting the group go: what has begun may end, nothing new shall come. */
  | { readonly is: "drain" }
  | { readonly is: "standby" }
  /** Its own view is too old to say anything: the control loop is silent, or the lease that it told of has ended. */
  | { readonly is: "unknown"; readonly reason: string };

/**
 * The one place that turns the core's view into what is said to the outside. The view says when the lease ends, and it is asked
 * anew for every answer: however late or dead the control loop is, nobody is told "operational" after that.
 */
export class GroupStandings {
  readonly #nowUs: () => MonotonicUs;
  readonly #listeners: (() => void)[] = [];
  #view: NodeView | null = null;
  /** When what was written for a group was counted last. */
  readonly #countedAtUs = new Map<GroupName, MonotonicUs>();

  constructor(nowUs: () => MonotonicUs) {
    this.#nowUs = nowUs;
  }

  viewChanged(view: NodeView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after every view, that is many times a second. */
  onView(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The newest view; null where there is none, or it is too old to say anything. */
  get freshView(): NodeView | null {
    return this.#view !== null && this.#nowUs() - this.#view.takenAtUs <= usFromMs(viewAgeMsMax) ? this.#view : null;
  }

  /** Null where this node knows no such group. */
  of(name: GroupName): Standing | null {
    if (this.#view === null) return { is: "unknown", reason: "the agent is starting" };
    const group = this.#view.groups.find((told) => told.group === name);
    return group === undefined ? null : this.#standingOf(group);
  }

  /** The group is about to go to another node, with all that has been written so far: nothing more shall be, unless a newer view allows it again. */
  writesCounted(group: GroupName): void {
    this.#countedAtUs.set(group, this.#nowUs());
  }

  /** What lets this node write the data sets of a group: its lease, while a process of the group may be running here. Null where there is none. */
  tenureOf(name: GroupName): Tenure | null {
    const group = this.#view?.groups.find((told) => told.group === name);
    if ((this.#view?.takenAtUs ?? 0) < (this.#countedAtUs.get(name) ?? 0)) return null;
    if (group === undefined || !resourceStates.has(group.state) || this.#nowUs() >= group.leaseEndUs) return null;
    return { epoch: group.epoch, untilUs: group.leaseEndUs };
  }

  #standingOf({ state, epoch, leaseEndUs }: GroupView): Standing {
    const nowUs = this.#nowUs();
    if (this.freshView === null) return { is: "unknown", reason: "the agent's control loop is silent" };
    switch (state) {
      case "operational":
        if (nowUs < leaseEndUs) return { is: "operational", epoch };
        return { is: "unknown", reason: "the lease has ended, and nothing newer was heard" };
      case "handing-over":
      case "draining":
      case "stepping-down":
        return { is: "drain" };
      default:
        return { is: "standby" };
    }
  }
}
