import type { NodeId } from "../ids.ts";

/**
 * Resources by which a group tells the world where it is: they run nothing, and say of a node only what its own view of
 * the group's lease says. Ports at which agents answer, and secrets, stand in each node's own settings.
 */
export type AnswerResource = BalancerAnswer | DnsRecord | SipAnswer;

/** An agent's answer to the OPTIONS by which a PBX watches a SIP trunk; the port is each node's own setting. */
export interface SipAnswer {
  readonly kind: "sip-answer";
  readonly name: string;
}

/** A name that points at the operational node, changed by dynamic updates (RFC 2136, signed as RFC 8945 says). */
export interface DnsRecord {
  readonly kind: "dns-record";
  readonly name: string;
  readonly zone: string;
  /** Fully qualified, without a dot at the end: the zone itself or a name below it. */
  readonly domainName: string;
  readonly type: "A" | "AAAA";
  /** How long others may remember the old value. */
  readonly ttlSeconds: number;
  /** Each is updated, and each for itself: one that is down holds up no other. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** Name of the key that signs updates; its secret stands in each node's own settings. */
  readonly tsigKey: string;
  /** Where a node's address for its clients is not the one at which the other nodes reach it. */
  readonly addresses?: Readonly<Record<NodeId, string>> | undefined;
}

/** An agent's answer to a load balancer's health check, and what a configuration for the balancer is made from. */
export interface BalancerAnswer {
  readonly kind: "balancer-answer";
  readonly name: string;
  /** `http`: requests are balanced and carry the client's address; `tcp`: connections are, whatever they hold (TLS among it). */
  readonly mode: "http" | "tcp";
  /** TCP port at which the balancer itself listens. */
  readonly listenPort: number;
  /** TCP port of the service behind it, the same on every node. */
  readonly servicePort: number;
}
