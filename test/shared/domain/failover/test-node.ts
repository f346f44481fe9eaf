import { failoverSettings } from "../../../../shared/config/timing.ts";
import type { CleanStop } from "../../../../shared/domain/failover/durable-record.ts";
import type { Effect } from "../../../../shared/domain/failover/effects.ts";
import type { NodeEvent } from "../../../../shared/domain/failover/events.ts";
import type { Heartbeat, LeaseGrant, LeaseRequest, PeerMessage } from "../../../../shared/domain/failover/messages.ts";
import { initialState, type NodeState, step } from "../../../../shared/domain/failover/step.ts";
import type { NodeId } from "../../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../../shared/domain/membership/cluster-document.ts";
import { mainPath } from "../../../../shared/domain/membership/lan-path.ts";
import { clusterDocument, groupName, nodeIdOf } from "../../../simulation/cluster.ts";

export const [a, b, c] = [nodeIdOf(0), nodeIdOf(1), nodeIdOf(2)];
export const group = groupName;

export function documentOf(
  members: readonly NodeId[],
  version = 1,
  witness: Parameters<typeof clusterDocument>[4] = null,
  furtherPaths = 0,
): ClusterDocument {
  return clusterDocument(
    {
      whenAlone: "stop",
      documentTiming: "default",
      groups: [{ name: groupName, failback: "manual", preference: null }],
      furtherPaths,
      on: new Set(),
    },
    version,
    members,
    new Set(),
    witness,
  );
}

/** One production core by hand: its peers are what the test says they are. Times in milliseconds. */
export class TestNode {
  state: NodeState;
  nowMs = 0;
  #sequence = 0;
  readonly #heldBack: Effect[] = [];

  constructor(members: readonly NodeId[] = [a, b, c], cleanStop: CleanStop | null = { grants: [] }, document = documentOf(members)) {
    const start = { nodeId: a, incarnation: 1, epochCeilings: {}, longPromises: {}, soles: {}, detached: null, cleanStop, document };
    this.state = initialState({ ...start, settings: failoverSettings, nowUs: 0 });
    this.take({ type: "tick" });
    this.take({ type: "status", status: { threadAgesMs: {}, dataSets: [], groupProblems: {} } });
  }

  /** The effects of one event; what is asked to be stored is stored at once. */
  take(event: NodeEvent): readonly Effect[] {
    const result = step(this.state, event, this.nowMs * 1_000);
    this.state = result.state;
    this.#heldBack.length = 0;
    this.#heldBack.push(...result.effects);
    for (const effect of result.effects) {
      if (effect.type === "persist") this.#heldBack.push(...this.#also({ type: "persisted", record: effect.record }));
    }
    return [...this.#heldBack];
  }

  #also(event: NodeEvent): readonly Effect[] {
    const result = step(this.state, event, this.nowMs * 1_000);
    this.state = result.state;
    return result.effects;
  }

  /** Time passes in steps of 10 ms. */
  pass(ms: number): readonly Effect[] {
    const effects: Effect[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += 10;
      effects.push(...this.take({ type: "tick" }));
    }
    return effects;
  }

  hears(message: PeerMessage): readonly Effect[] {
    return this.take({ type: "message", message, path: mainPath });
  }

  /** A peer that is well and hears this node. */
  beatOf(from: NodeId, patch: Partial<Heartbeat> = {}): Heartbeat {
    this.#sequence += 1;
    const lastHeard = [{ node: a, ageUs: 0, incarnation: this.state.incarnation, sequence: 0, quarantineUs: 0, readmissions: 0 }];
    const told = {
      group,
      state: "standby",
      epoch: 0,
      highestAsked: 0,
      holder: null,
      ineligible: null,
      released: null,
      moves: [],
      movesForgiven: 0,
      sole: { number: 0, node: null },
      soleWish: 0,
    };
    const status = { threadAgesMs: {}, dataSets: [], groupProblems: {} };
    const envelope = { from, incarnation: 1, sequence: this.#sequence, documentVersion: this.state.document.version };
    return { type: "heartbeat", ...envelope, groups: [told], grants: [], lastHeard, quarantineUs: 0, readmissions: 0, status, ...patch };
  }

  requestOf(from: NodeId, patch: Partial<LeaseRequest> = {}): LeaseRequest {
    this.#sequence += 1;
    const envelope = { from, incarnation: 1, sequence: this.#sequence, documentVersion: this.state.document.version };
    return { type: "lease-request", ...envelope, group, epoch: 1, leaseUs: 600_000, requestId: 1, seen: null, ...patch };
  }

  grantOf(from: NodeId, request: LeaseRequest): LeaseGrant {
    this.#sequence += 1;
    const envelope = { from, incarnation: 1, sequence: this.#sequence, documentVersion: this.state.document.version };
    const { epoch, requestId, incarnation } = request;
    return { type: "lease-grant", ...envelope, group, to: a, toIncarnation: incarnation, epoch, requestId, seen: null };
  }

  /** Hears b, asks, is granted, starts: operational. */
  becomeOperational(): void {
    const asked = [...this.hears(this.beatOf(b)), ...this.pass(100)];
    const request = requestsIn(asked)[0];
    if (request === undefined) throw new Error("the node did not ask for the group");
    const won = this.hears(this.grantOf(b, request));
    const start = won.find((effect) => effect.type === "start-resources");
    if (start === undefined) throw new Error("the node did not start its resources");
    this.take({ type: "resources-started", group, epoch: start.epoch, addresses: [] });
  }

  get groupState(): string {
    return this.state.groups[group]?.state ?? "unknown";
  }
}

export function sentIn(effects: readonly Effect[]): readonly PeerMessage[] {
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
}

export function requestsIn(effects: readonly Effect[]): readonly LeaseRequest[] {
  return sentIn(effects).filter((message) => message.type === "lease-request");
}
