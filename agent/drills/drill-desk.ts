import { randomUUID } from "node:crypto";
import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import { type MonotonicUs, usFromMs } from "../../shared/domain/time.ts";
import { reasonOf } from "../agent-error.ts";
import type { OutlookAnswer } from "../local/outlook-answer.ts";
import type { SilenceWatch } from "../node/silence-watch.ts";
import type { DrillBook } from "./drill-book.ts";
import { DrillCourse } from "./drill-course.ts";
import { drillRefusal } from "./drill-refusal.ts";
import type { DrillReport } from "./drill-report.ts";
import type { DrillRequest } from "./drill-request.ts";

/** Within this the group must run elsewhere, and again within this all must be well; else the drill has failed, and what it had broken is well again. */
const withinMs = { moved: 30_000, over: 15_000 } as const;

/** Why this node is unfit while a drill makes it so. */
export const drillProblem = "a drill makes its health fail";

export interface DrillDeskPorts {
  readonly nodeId: NodeId;
  readonly book: DrillBook;
  readonly nowUs: () => MonotonicUs;
  readonly wallClock: () => Date;
  /** As the core's; null where nobody can say. */
  readonly outlook: (group: GroupName) => Promise<OutlookAnswer | null>;
  /** Null where it has begun, else why not. */
  readonly switchover: (group: GroupName, to: string) => Promise<string | null>;
  readonly silences: Pick<SilenceWatch, "hurry" | "watches" | "firstAnswers">;
  /** The core shall hear of `problemOf` at once. */
  readonly tellStatus: () => void;
  readonly record: (detail: EventDetail) => void;
  readonly onTrouble: (reason: string) => void;
}

interface Running {
  readonly report: DrillReport;
  readonly course: DrillCourse;
  isFailing: boolean;
  untilUs: MonotonicUs;
}

/**
 * Exercises: a group that runs here is made to move, and a report tells for how long its addresses were silent. What is broken for that is broken in this
 * process's memory alone, for a limited time: whatever ends the drill mends it.
 */
export class DrillDesk {
  readonly #ports: DrillDeskPorts;
  #running: Running | null = null;
  #isStarting = false;

  constructor(ports: DrillDeskPorts) {
    this.#ports = ports;
  }

  /** Newest first; one that is under way as it stands. */
  get reports(): readonly DrillReport[] {
    const { reports } = this.#ports.book;
    return this.#running === null ? reports : reports.map((report) => (report.id === this.#running?.report.id ? this.#soFar() : report));
  }

  problemOf(group: GroupName): readonly string[] {
    if (this.#running === null || !this.#running.isFailing) return [];
    const { report } = this.#running;
    return report.way === "health" && report.group === group ? [drillProblem] : [];
  }

  /** A drill that an earlier agent has not come to the end of: with that agent all that it had broken is gone. */
  async recover(): Promise<void> {
    const left = this.#ports.book.reports.find(({ outcome }) => outcome === "running");
    if (left !== undefined) await this.#conclude({ ...left, outcome: "failed", reason: "the agent ended while it was under way" });
  }

  /** Begins a drill; `reports` tells its end. Rejects with the reason where it is not begun, and then nothing has changed. */
  async run({ group, to }: Extract<DrillRequest, { kind: "run" }>): Promise<DrillReport> {
    if (this.#isStarting || this.#running !== null) throw new Error("another drill is under way on this node");
    this.#isStarting = true;
    try {
      return await this.#begin(group, to ?? null);
    } finally {
      this.#isStarting = false;
    }
  }

  /** Ends the drill that is under way, if any, and mends what it had broken. */
  async cancel(reason: string): Promise<void> {
    if (this.#running !== null) await this.#end(reason);
  }

  viewChanged(view: NodeView): void {
    const running = this.#running;
    if (running === null) return;
    const { course, report } = running;
    const { silences, nowUs } = this.#ports;
    course.take(view, silences.firstAnswers(report.group));
    if (course.givenUp !== null) return void this.#end(course.givenUp);
    if (running.isFailing && course.hasMoved(silences.watches(report.group))) this.#mend(running);
    if (!running.isFailing && course.isOver(nowUs())) return void this.#end(null);
    if (nowUs() >= running.untilUs) void this.#end(this.#whyLate(running));
  }

  async #begin(group: GroupName, to: string | null): Promise<DrillReport> {
    const { nodeId, book, nowUs, wallClock, outlook, silences, tellStatus, switchover } = this.#ports;
    const refusal = drillRefusal(await outlook(group), nodeId, to);
    if (refusal !== null) throw new Error(refusal);
    const way = to === null ? "health" : "switchover";
    const begun = { id: randomUUID(), group, way, from: nodeId, startedAt: wallClock().toISOString() } as const;
    const report: DrillReport = { ...begun, to: null, outcome: "running", reason: null, steps: [], silences: [] };
    await book.put(report);
    silences.hurry(group, withinMs.moved);
    const startedUs = nowUs();
    const course = new DrillCourse(group, nodeId, startedUs);
    const running: Running = { report, course, isFailing: true, untilUs: startedUs + usFromMs(withinMs.moved) };
    this.#running = running;
    if (to === null) tellStatus();
    else {
      const refused = await switchover(group, to);
      if (refused !== null) await this.#end(`the switchover was refused: ${refused}`);
    }
    return this.#ports.book.reports.find(({ id }) => id === report.id) ?? report;
  }

  #mend(running: Running): void {
    running.isFailing = false;
    running.untilUs = this.#ports.nowUs() + usFromMs(withinMs.over);
    this.#ports.tellStatus();
  }

  #whyLate({ isFailing, course, report }: Running): string {
    if (course.successor === null) return `no other node ran the group within ${withinMs.moved / 1_000} s`;
    if (!isFailing) return "this node did not become fit for the group again";
    return `${this.#ports.silences.watches(report.group) - course.silences.length} of the group's addresses did not answer this node again`;
  }

  /** `reason` null: it went well. */
  async #end(reason: string | null): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    const report: DrillReport = { ...this.#soFar(), outcome: reason === null ? "completed" : "failed", reason };
    this.#running = null;
    if (running.isFailing) this.#ports.tellStatus();
    await this.#conclude(report);
  }

  async #conclude(report: DrillReport): Promise<void> {
    const { book, record, onTrouble } = this.#ports;
    record(eventOf(report));
    try {
      await book.put(report);
    } catch (error) {
      onTrouble(`the report of a drill cannot be kept: ${reasonOf(error)}`);
    }
  }

  #soFar(): DrillReport {
    if (this.#running === null) throw new Error("no drill is under way");
    const { report, course } = this.#running;
    return { ...report, to: course.successor, steps: course.steps, silences: course.silences };
  }
}

function eventOf({ group, way, to, reason, silences }: DrillReport): EventDetail {
  if (reason !== null || to === null)
    return { kind: "drill.failed", group, way, reason: (reason ?? "nobody took the group").slice(0, 1_000) };
  const longest = silences.toSorted((one, other) => other.atMostMs - one.atMostMs)[0];
  const silence = longest === undefined ? null : { atLeastMs: Math.round(longest.atLeastMs), atMostMs: Math.round(longest.atMostMs) };
  return { kind: "drill.completed", group, way, to, silence };
}
