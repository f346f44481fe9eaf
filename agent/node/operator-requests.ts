import { setTimeout as sleep } from "node:timers/promises";
import type { NodeView } from "../../shared/domain/failover/node-view.ts";
import type { SwitchoverOutlook } from "../../shared/domain/failover/switchover-outlook.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import { type OutlookAnswer, outlookAnswer } from "../local/outlook-answer.ts";
import type { ToLoop } from "./loop-messages.ts";

/** The core begins with what it is asked for or refuses it at once; this is for a machine that lets it come to nothing. */
const answerPatienceMs = 4_000;
const lateAnswer = `its control loop has not answered within ${answerPatienceMs / 1_000} s, and may still do it`;

export interface OperatorRequestsParts {
  readonly nodeId: NodeId;
  readonly trust: TrustStore;
  readonly post: (message: ToLoop) => void;
  readonly view: () => NodeView;
  /** A sentence of the core's, with names in place of ids. */
  readonly named: (sentence: string) => string;
}

/** What an operator asks the core for, and how it answers: by an event, by what becomes of a group, or in so many words. */
export class OperatorRequests {
  readonly #parts: OperatorRequestsParts;
  #onOutlook: (outlook: SwitchoverOutlook) => void = () => {};
  #onRefused: (group: GroupName, reason: string) => void = () => {};
  #onTakeover: (detail: Extract<EventDetail, { kind: "group.claimed" | "group.takeover-refused" }>) => void = () => {};
  #onView: (view: NodeView) => void = () => {};

  constructor(parts: OperatorRequestsParts) {
    this.#parts = parts;
  }

  eventTold(detail: EventDetail): void {
    if (detail.kind === "group.switchover-refused") this.#onRefused(detail.group, detail.reason);
    if (detail.kind === "group.claimed" || detail.kind === "group.takeover-refused") this.#onTakeover(detail);
  }

  viewChanged(view: NodeView): void {
    this.#onView(view);
  }

  outlookTold(outlook: SwitchoverOutlook): void {
    this.#onOutlook(outlook);
  }

  /** Hands a group over to a node (its name or id). Null where it has begun, else why not. */
  async switchover(group: GroupName, to: string): Promise<string | null> {
    const { trust, view, named, nodeId } = this.#parts;
    const line = view().groups.find((told) => told.group === group);
    if (line === undefined) return `there is no group ${group}`;
    const target = trust.current.document.nodes.find((node) => node.nodeId === to || node.name === to);
    if (target === undefined) return `there is no node ${to}`;
    if (line.holder === target.nodeId) return `group ${group} is on ${target.name} already`;
    if (line.holder === null) return `nobody holds group ${group} now`;
    if (line.holder !== nodeId) return named(`group ${group} is on ${line.holder}: run the command there`);
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#onRefused = (refusedGroup, reason) => {
      if (refusedGroup === group) resolve(reason);
    };
    this.#onView = (next) => {
      if (next.groups.some((told) => told.group === group && told.state !== line.state)) resolve(null);
    };
    this.#parts.post({ type: "switchover", group, to: target.nodeId, reason: "an operator asked for it" });
    return Promise.race([promise, sleep(answerPatienceMs, lateAnswer, { ref: false })]);
  }

  /** The operator answers for the other node's being down: this one goes on alone. Null where it does, else why not. */
  async takeover(group: GroupName, reason: string): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#onTakeover = (detail) => {
      if (detail.group === group) resolve(detail.kind === "group.claimed" ? null : detail.reason);
    };
    this.#parts.post({ type: "takeover", group, reason });
    return Promise.race([promise, sleep(answerPatienceMs, lateAnswer, { ref: false })]);
  }

  /** The operator has mended this node: its peers shall forget that it has left without a word. */
  readmit(): void {
    this.#parts.post({ type: "readmit" });
  }

  /** What would become of a switchover of the group, and why; nothing is moved. Null where there is no such group, or the control loop does not answer. */
  async outlook(group: GroupName): Promise<OutlookAnswer | null> {
    if (!this.#parts.view().groups.some((told) => told.group === group)) return null;
    const { promise, resolve } = Promise.withResolvers<OutlookAnswer>();
    this.#onOutlook = (outlook) => {
      if (outlook.group === group) resolve(outlookAnswer(outlook, this.#parts.named));
    };
    this.#parts.post({ type: "outlook", group });
    return Promise.race([promise, sleep(answerPatienceMs, null, { ref: false })]);
  }
}
