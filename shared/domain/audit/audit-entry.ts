import type { CustomerId } from "../ids.ts";
import type { Difference } from "./difference.ts";

/** Who changed something: a person at the console, a script with its key, a node that enrols, or the control plane by itself (a learner gets its vote). */
export interface Actor {
  readonly kind: "person" | "api-key" | "node" | "control-plane";
  /** Stays the same when they are renamed. */
  readonly id: string;
  readonly name: string;
  /** Of the request that the change was made by: the log has it too. Null for the control plane's own. */
  readonly requestId: string | null;
}

/**
 * The closed list of what is changed. `change.not-made` takes back the entry whose number is its subject; `request.refused` changed nothing, and says in `refusal`
 * what was asked for.
 */
export const auditActions = [
  "customer.created",
  "customer.removed",
  "cluster.created",
  "cluster.changed",
  "cluster.removed",
  "licence.issued",
  "licence.trial-started",
  "licence.imported",
  "licence.withdrawn",
  "devices.declared",
  "join-token.created",
  "join-token.withdrawn",
  "alert-subscription.created",
  "alert-subscription.ended",
  "alert.tested",
  "alert-settings.changed",
  "maintenance.planned",
  "maintenance.ended",
  "incident.acknowledged",
  "dead-letters.redriven",
  "api-key.created",
  "api-key.revoked",
  "user.created",
  "user.changed",
  "user.removed",
  "user.password-reset",
  "change.not-made",
  "request.refused",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Whether something was changed, or nothing because it was refused. */
export const auditOutcomes = ["done", "refused"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** What somebody who was signed in asked for, and why not. */
export interface RefusedRequest {
  /** As it is declared, `PUT /v1/clusters/{clusterId}/groups/{group}`; of one that is not, its method alone. */
  readonly route: string;
  /** What stood in the path where the route has braces. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the API's closed list. */
  readonly code: string;
  /** As the caller was told. */
  readonly message: string;
  /** How many more of this caller's were refused since its last entry that says so, and have none of their own. */
  readonly unlisted: number;
}

/** What was changed, by whom: what the writer knows. */
export interface AuditRecord {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly actor: Actor;
  readonly action: AuditAction;
  /** Null for what is the provider's own. */
  readonly customerId: CustomerId | null;
  /** The id of what was changed; of a request that was refused, its path. */
  readonly subject: string;
  readonly changes: readonly Difference[];
  /** With `request.refused` alone. */
  readonly refusal?: RefusedRequest;
}

/** A link of the chain: each names its predecessor's content by its hash, so that none can be changed, left out or put in unseen. */
export interface AuditEntry extends AuditRecord {
  /** 1, 2, 3, without gaps. */
  readonly number: number;
  /** Of the entry before; 64 zeros in the first. */
  readonly previousSha256: string;
  /** Of this entry without this field, as canonical JSON: the members of every object sorted by name, no spaces. */
  readonly sha256: string;
}

export function outcomeOf({ action }: Pick<AuditRecord, "action">): AuditOutcome {
  return action === "request.refused" ? "refused" : "done";
}
