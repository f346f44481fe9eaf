import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { AddressLook } from "../../shared/domain/monitoring/takeover-course.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import type { ServiceSettings } from "../config/agent-settings.ts";
import type { NodeIdentity } from "../link/identity.ts";
import type { ProcessId } from "../resources/marked-processes.ts";
import type { GuardedResource } from "../resources/resource.ts";

/**
 * Grows when an agent of this version could not go on with a guardian of an earlier one. A guardian outlives an agent that is started anew, and
 * so a newer agent may meet an older guardian.
 */
export const guardianProtocol = 2;

/**
 * First line on the guardian's standard input, from the agent's main thread. Nothing follows: the pipe is the
 * lifeline, and its end means that the agent is dead.
 */
export interface GuardianConfiguration {
  readonly services: Readonly<Record<string, ServiceSettings>>;
  /** Marks every process of a service as this agent's (resources/marked-processes.ts). */
  readonly directoryMark: string;
  readonly dataDir: string;
  /** Where the guardian notes what it has started, for an agent that starts after both were killed. */
  readonly recordFile: string;
  /** The control loop listens here; the secret tells the guardian from any other process of the same user. */
  readonly socket: string;
  readonly secret: string;
  /** The guardian listens here for the next agent while its own is away. */
  readonly adoptSocket: string;
  /** Who this node is to its peers: the guardian speaks to them in its name once the agent is dead. */
  readonly nodeId: NodeId;
  /** In the order of their use: more than one while the node changes its key. */
  readonly identities: readonly NodeIdentity[];
}

/** What one group may do on this node, and until when: an instant on the machine's monotonic clock, which both processes share. */
export interface Hold {
  readonly group: GroupName;
  readonly epoch: number;
  readonly untilUs: MonotonicUs;
  /** What gives the lease back once the agent is dead and the group is down (testament.ts): the encoded message, base64. */
  readonly testament: string;
}

/** From the control loop. `members`: to whom the testaments go. */
export type GuardianOrder =
  | GroupOrder
  | { readonly type: "members"; readonly document: ClusterDocument }
  /** The node has changed its key, or is about to: these in place of the configuration's. */
  | { readonly type: "identities"; readonly identities: readonly NodeIdentity[] }
  /**
   * The agent is to be started anew. Answered by `detached`; the end of its pipes is expected from there on, and what runs is kept as it is, under
   * the leases that were told last, until the next agent comes or this instant has.
   */
  | { readonly type: "detach"; readonly readoptByUs: MonotonicUs };

/**
 * First line on a connection to `adoptSocket`, from the main thread of the next agent. Where it is answered by `adopted`, the connection is the new
 * lifeline, and the guardian connects to the new control loop; `secret` is the one of the agent before.
 */
export interface Adoption {
  readonly type: "adopt";
  readonly protocol: number;
  readonly secret: string;
  readonly agent: ProcessId;
  readonly configuration: GuardianConfiguration;
}

export type AdoptionAnswer =
  | { readonly type: "adopted"; readonly guardian: ProcessId }
  | { readonly type: "refused"; readonly reason: string };

export type GroupOrder =
  /**
   * The beat, with every lease that is won or renewed. A group whose lease has run out unrenewed is taken down without being
   * told to, so a frozen agent loses its resources before anybody else may start them.
   */
  | ({ readonly type: "hold" } & Hold)
  /** Exactly these run for the group from now on: missing ones are started in this order, others stopped. Needs a live hold. */
  | { readonly type: "start"; readonly group: GroupName; readonly epoch: number; readonly resources: readonly GuardedResource[] }
  /** As `start`, but these have failed: they, and what was started after them, are ended first. */
  | {
      readonly type: "restart";
      readonly group: GroupName;
      readonly epoch: number;
      readonly resources: readonly GuardedResource[];
      readonly failed: readonly GuardedResource[];
    }
  | { readonly type: "stop"; readonly group: GroupName; readonly epoch: number; readonly deadlineUs: MonotonicUs }
  /** A part of the network is back: its hosts may not know who holds this node's addresses. */
  | { readonly type: "announce" }
  /** Whether anybody is there: answered at once by `alive`. */
  | { readonly type: "are-you-alive" };

/** To the control loop. */
export type GuardianNotice =
  | { readonly type: "hello"; readonly secret: string; readonly pid: number }
  | { readonly type: "alive" }
  /** A service's processes, so that the agent can kill them should the guardian hang. */
  | { readonly type: "spawned"; readonly group: GroupName; readonly service: string; readonly pid: number }
  /** Before `started`: what was seen of an address while it was set. */
  | { readonly type: "address-up"; readonly group: GroupName; readonly epoch: number; readonly look: AddressLook }
  | { readonly type: "started"; readonly group: GroupName; readonly epoch: number }
  | {
      readonly type: "start-failed";
      readonly group: GroupName;
      readonly epoch: number;
      readonly resource: GuardedResource;
      readonly reason: string;
    }
  | { readonly type: "stopped"; readonly group: GroupName; readonly epoch: number }
  | { readonly type: "detached" }
  /** A running resource is no longer well. It still runs: the failover core decides what happens. */
  | {
      readonly type: "resource-failed";
      readonly group: GroupName;
      readonly epoch: number;
      readonly resource: GuardedResource;
      readonly reason: string;
    }
  /** The guardian took the group down by itself: its lease ran out. */
  | { readonly type: "fenced"; readonly group: GroupName; readonly epoch: number; readonly reason: string }
  /** Something for people that changes nothing for the core. */
  | { readonly type: "report"; readonly detail: EventDetail }
  | { readonly type: "trouble"; readonly reason: string };
