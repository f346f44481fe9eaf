import type { GroupName } from "../ids.ts";
import type { EventKind } from "../monitoring/cluster-event.ts";

/**
 * What shall be done when something occurs, by whichever node runs the group at that moment, and by nobody else. At least once: a node that dies in the
 * middle of it leaves the rest to its successor, under the same id (TRIGGERS.md).
 */
export interface Trigger {
  /** Unique within the cluster. */
  readonly name: string;
  readonly group: GroupName;
  /** The data set of kind `state`, of the same group, in which it is kept what was and is to be done. */
  readonly log: string;
  /** ISO 8601 UTC. What a schedule says of earlier times does not count. */
  readonly since: string;
  readonly source: TriggerSource;
  /** At least one, each with a name of its own; they begin together. */
  readonly actions: readonly TriggerAction[];
  readonly late: LatePolicy;
  /** For so long the sent log shows an occurrence. */
  readonly keptDays: number;
}

/** What of a schedule is still done when nobody could do it at its time; whatever is not is told as missed. */
export interface LatePolicy {
  readonly withinSeconds: number;
  /** So many at most, the newest. 1: only the last. */
  readonly atMost: number;
}

export type TriggerSource = ScheduleSource | WebhookSource | EventSource;

export interface ScheduleSource {
  readonly kind: "schedule";
  /** Five fields, or six with the seconds first. */
  readonly cron: string;
  /** IANA name of the zone whose clock it goes by. */
  readonly zone: string;
}

/** A request to the agents' own endpoint, with a token of which only the SHA-256 (hex) is here. Absent: no token was made yet, and nobody is let in. */
export interface WebhookSource {
  readonly kind: "webhook";
  readonly tokenSha256?: string;
}

/** Something that the node which runs the group has itself to tell. */
export interface EventSource {
  readonly kind: "event";
  readonly events: readonly EventKind[];
}

export type TriggerAction = WebhookAction | SnsAction | EmailAction | MulticastAction | CommandAction;

interface Named {
  /** Unique within its trigger. */
  readonly name: string;
}

/** A POST; to hosts that the node's own settings allow alone. */
export interface WebhookAction extends Named {
  readonly kind: "webhook";
  readonly url: string;
}

/** To the customer's subscribers, by way of the control plane. */
export interface SnsAction extends Named {
  readonly kind: "sns";
  readonly text: string;
}

/** By the mail server that the node's own settings name. */
export interface EmailAction extends Named {
  readonly kind: "email";
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface MulticastAction extends Named {
  readonly kind: "udp-multicast";
  /** An IPv4 multicast address. */
  readonly address: string;
  readonly port: number;
  /** How many routers may pass it on; 1: none. */
  readonly ttl: number;
  readonly text: string;
}

/** The node's own settings say what `command` runs. */
export interface CommandAction extends Named {
  readonly kind: "command";
  readonly command: string;
}
