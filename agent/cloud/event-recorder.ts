import type { ClusterId, EventId, NodeId } from "../../shared/domain/ids.ts";
import { type ClusterEvent, type EventDetail, severityOf } from "../../shared/domain/monitoring/cluster-event.ts";
import { isTriggerEvent, triggerEventId } from "../../shared/domain/monitoring/trigger-event.ts";

export interface EventRecorderOptions {
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
  readonly incarnation: number;
  /** The number of the last event of this incarnation; 0 but for an agent that goes on as the one before it. */
  readonly lastEvent: number;
  readonly wallClock: () => Date;
}

/** Makes events of what happened: who, when, how grave, and an id that lets every hop repeat them harmlessly. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #listeners: ((event: ClusterEvent) => void)[] = [];
  #last: number;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#last = options.lastEvent;
  }

  /** The number of the newest event. */
  get lastEvent(): number {
    return this.#last;
  }

  /** Calls back for every event from now on. */
  onEvent(listener: (event: ClusterEvent) => void): void {
    this.#listeners.push(listener);
  }

  event(detail: EventDetail): ClusterEvent {
    const event = this.#made(detail);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  #made(detail: EventDetail): ClusterEvent {
    return {
      eventId: this.#idOf(detail),
      clusterId: this.#options.clusterId,
      reporter: this.#options.nodeId,
      at: this.#options.wallClock().toISOString(),
      severity: severityOf[detail.kind],
      detail,
    };
  }

  /** A group's change of holder, its halt, what becomes of a trigger's occurrence and a node's copy have one id for the whole cluster, whoever reports it; everything else is this node's own. */
  #idOf(detail: EventDetail): EventId {
    const { clusterId, nodeId, incarnation } = this.#options;
    if (detail.kind === "group.takeover" || detail.kind === "group.handover" || detail.kind === "group.safe-halt") {
      return `${clusterId}/${detail.group}/${detail.epoch}/${detail.kind}` as EventId;
    }
    if (isTriggerEvent(detail)) return triggerEventId(clusterId, detail);
    if (detail.kind === "node.cloned") return `${clusterId}/${detail.node}/${detail.run}/${detail.kind}` as EventId;
    this.#last += 1;
    return `${clusterId}/${nodeId}/${incarnation}/${this.#last}` as EventId;
  }
}
