import type { GroupView, NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import { type MonotonicUs, msFromUs } from "../../shared/domain/time.ts";
import type { Seen } from "../node/silence-watch.ts";
import type { DrillReport } from "./drill-report.ts";

/** The new holder is to run the group for so long before the drill has gone well. */
const staysMs = 2_000;

type Step = "stops" | "isDown" | "letGo" | "taken" | "wellAgain";

const sentences: Readonly<Record<Step, string>> = {
  stops: "the group's resources are being stopped",
  isDown: "they are down",
  letGo: "the group is given away",
  taken: "another node runs it",
  wellAgain: "this node could take it again",
};

/** What becomes of a drill, from what its node sees: in order, all on one clock. */
export class DrillCourse {
  readonly #group: GroupName;
  readonly #nodeId: NodeId;
  readonly #startedUs: MonotonicUs;
  readonly #steps = new Map<Step, MonotonicUs>();
  #answers: readonly Seen<MonotonicUs>[] = [];
  #successor: NodeId | null = null;
  #givenUp: string | null = null;

  constructor(group: GroupName, nodeId: NodeId, startedUs: MonotonicUs) {
    this.#group = group;
    this.#nodeId = nodeId;
    this.#startedUs = startedUs;
  }

  get successor(): NodeId | null {
    return this.#successor;
  }

  /** Why it cannot go well any more; null while it can. */
  get givenUp(): string | null {
    return this.#givenUp;
  }

  get steps(): DrillReport["steps"] {
    const known = [...this.#steps].map(([step, atUs]) => ({ what: sentences[step], atUs }));
    const answers = this.#answers.map(({ host, told }) => ({ what: `${host} answers again`, atUs: told }));
    const all = [...known, ...answers].toSorted((one, other) => one.atUs - other.atUs);
    return all.slice(0, 16).map(({ what, atUs }) => ({ what, afterMs: this.#afterMs(atUs) }));
  }

  /** At least from the resources' being down, at most from the beginning of their stop, to the first answer of another machine. */
  get silences(): DrillReport["silences"] {
    const stopsUs = this.#steps.get("stops") ?? this.#startedUs;
    const downUs = this.#steps.get("isDown") ?? this.#steps.get("letGo") ?? stopsUs;
    return this.#answers.map(({ host, told }) => ({
      address: host,
      atLeastMs: Math.max(0, msFromUs(told - downUs)),
      atMostMs: Math.max(0, msFromUs(told - stopsUs)),
    }));
  }

  /** Every view since the beginning, oldest first; `answers`: the first answer of each of the group's addresses since it runs elsewhere. */
  take({ groups, takenAtUs }: NodeView, answers: readonly Seen<MonotonicUs>[]): void {
    this.#answers = answers;
    const line = groups.find(({ group }) => group === this.#group);
    if (line === undefined) this.#givenUp ??= "the group is no longer in the cluster document";
    else this.#note(line, takenAtUs);
  }

  /** Another node runs the group, and whoever asks for its addresses hears so. */
  hasMoved(addresses: number): boolean {
    return this.#successor !== null && this.#answers.length >= addresses;
  }

  /** It has run it for long enough, and this node could take it again. */
  isOver(nowUs: MonotonicUs): boolean {
    const takenUs = this.#steps.get("taken");
    return takenUs !== undefined && this.#steps.has("wellAgain") && msFromUs(nowUs - takenUs) >= staysMs;
  }

  #note({ state, holder, ineligible, reason }: GroupView, atUs: MonotonicUs): void {
    const isHere = holder === this.#nodeId;
    if (state === "handing-over" || state === "stepping-down") this.#reach("stops", atUs);
    else if (state === "draining") this.#reach("isDown", atUs);
    else if (!isHere && state !== "operational" && this.#steps.has("stops")) this.#reach("letGo", atUs);
    if (isHere && state === "operational" && this.#steps.has("stops") && this.#successor === null)
      this.#givenUp ??= `the group is on this node again: ${reason}`;
    if (isHere || holder === null) return;
    this.#reach("taken", atUs);
    this.#successor ??= holder;
    if (this.#successor !== holder) this.#givenUp ??= "the group went on to a third node";
    if (ineligible === null) this.#reach("wellAgain", atUs);
    else this.#steps.delete("wellAgain");
  }

  #reach(step: Step, atUs: MonotonicUs): void {
    if (!this.#steps.has(step)) this.#steps.set(step, atUs);
  }

  #afterMs(atUs: MonotonicUs): number {
    return Math.max(0, msFromUs(atUs - this.#startedUs));
  }
}
