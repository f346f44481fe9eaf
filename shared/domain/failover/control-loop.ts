import type { GroupName, NodeId } from "../ids.ts";
import type { EventDetail } from "../monitoring/cluster-event.ts";
import type { MonotonicUs } from "../time.ts";
import type { Detached, DurableRecord } from "./durable-record.ts";
import type { Effect } from "./effects.ts";
import type { NodeEvent } from "./events.ts";
import type { PeerMessage } from "./messages.ts";
import type { NodeState, Step } from "./step.ts";

/** What the loop needs of the world; each is quick and none waits for anything. */
export interface ControlLoopPorts {
  readonly nowUs: () => MonotonicUs;
  readonly send: (to: NodeId, message: PeerMessage) => void;
  readonly sendDocument: (to: NodeId) => void;
  readonly startResources: (group: GroupName, epoch: number) => void;
  readonly holdUntil: (group: GroupName, epoch: number, untilUs: MonotonicUs) => void;
  readonly stopResources: (group: GroupName, epoch: number, deadlineUs: MonotonicUs) => void;
  readonly look: (group: GroupName, lookId: number) => void;
  readonly probe: (askedAtUs: MonotonicUs, groups: readonly GroupName[]) => void;
  readonly persist: (record: DurableRecord) => void;
  readonly report: (detail: EventDetail) => void;
  readonly wakeAt: (atUs: MonotonicUs) => void;
  readonly detached: (detached: Detached) => void;
  readonly releasedEverything: () => void;
  /** After every step and its effects. */
  readonly stepped: () => void;
}

/** Event in, step, effects out, in order, one event at a time: what an effect brings about at once waits for its turn. */
export class ControlLoop {
  readonly #step: Step;
  readonly #ports: ControlLoopPorts;
  readonly #inbox: NodeEvent[] = [];
  #state: NodeState;
  #running = false;

  constructor(step: Step, state: NodeState, ports: ControlLoopPorts) {
    this.#step = step;
    this.#state = state;
    this.#ports = ports;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Throws where the core finds one of its invariants broken: the node must be fenced then. */
  take(event: NodeEvent): void {
    this.#inbox.push(event);
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#handle(next);
    this.#running = false;
  }

  #handle(event: NodeEvent): void {
    const nowUs = this.#ports.nowUs();
    const { state, effects } = this.#step(this.#state, event, nowUs);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#ports.stepped();
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "send":
        return this.#ports.send(effect.to, effect.message);
      case "send-document":
        return this.#ports.sendDocument(effect.to);
      case "start-resources":
        return this.#ports.startResources(effect.group, effect.epoch);
      case "hold-until":
        return this.#ports.holdUntil(effect.group, effect.epoch, effect.untilUs);
      case "stop-resources":
        return this.#ports.stopResources(effect.group, effect.epoch, effect.deadlineUs);
      case "look":
        return this.#ports.look(effect.group, effect.lookId);
      case "probe":
        return this.#ports.probe(effect.askedAtUs, effect.groups);
      case "persist":
        return this.#ports.persist(effect.record);
      case "report":
        return this.#ports.report(effect.detail);
      case "wake-at":
        return this.#ports.wakeAt(effect.atUs);
      case "detached":
        return this.#ports.detached(effect.detached);
      case "released-everything":
        return this.#ports.releasedEverything();
    }
  }
}
