import type { AnswerResource } from "./answer-resources.ts";

/** What the operational node of a group holds. One interface for each kind; a kind's shape on the wire is in protocol/resource-schema.ts. */
export type Resource = ServiceResource | AddressResource | AnswerResource;

/**
 * A service is only named here: its commands stand in each node's own settings, so that whoever holds the cloud's keys
 * still cannot run code on a customer's server.
 */
export interface ServiceResource {
  readonly kind: "service";
  readonly name: string;
}

/** A virtual address: clients find the operational node at it, whichever node that is. */
export interface AddressResource {
  readonly kind: "address";
  readonly name: string;
  /** IPv4 or IPv6 with the length of its subnet's prefix, as `192.0.2.10/24`. Each node sets it on its interface into that subnet. */
  readonly address: string;
}
