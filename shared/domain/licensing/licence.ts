import type { ClusterId, CustomerId } from "../ids.ts";

/** What a signed licence says (JWS payload, checked offline). Several licences of one cluster add up. */
export interface Licence {
  readonly schema: 1;
  readonly licenceId: string;
  readonly customerId: CustomerId;
  readonly clusterId: ClusterId;
  /** Nodes that this licence allows; licences stack. */
  readonly nodes: number;
  /** ISO 8601 UTC. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** After `validUntil` nothing new is allowed, but what runs goes on, with warnings. */
  readonly graceDays: number;
}
