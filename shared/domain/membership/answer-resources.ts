import type { NodeId } from "../ids.ts";

/**
 * Resources by which a group tells the world where it is: they run nothing, and say of a node only what its own view of
 * the group's lease says. Ports at which agents answer, and secrets, stand in each node's own settings.
 */
export type AnswerResource = BalancerAnswer | DnsAnswer | DnsRecord | SipAnswer;

/** An agent's answer to the OPTIONS by which a PBX watches a SIP trunk; the port is each node's own setting. */
export interface SipAnswer {
  readonly kind: "sip-answer";
  readonly name: string;
}

/**
 * A name that the agents answer for themselves, as the name servers of a zone that is delegated to them. All answers of one zone are served by every
 * node of the cluster; the port is each node's own setting.
 */
export interface DnsAnswer {
  readonly kind: "dns-answer";
  readonly name: string;
  readonly zone: string;
  /** Fully qualified, without a dot at the end: the zone itself or a name below it. */
  readonly domainName: string;
  readonly type: "A" | "AAAA";
  /** How long others may remember the answer; 5 at most. */
  readonly ttlSeconds: number;
  /** Servers of the zone above, which hold the delegation: asked whether it names every node. */
  readonly parentServers: readonly DnsServer[];
  /** Where a node's address for its clients is not the one at which the other nodes reach it. */
  readonly addresses?: Readonly<Record<NodeId, string>> | undefined;
  /** Where resolvers do not reach a node's name server at the address at which the other nodes reach the node. */
  readonly nameServers?: Readonly<Record<NodeId, string>> | undefined;
}

export interface DnsServer {
  readonly host: string;
  readonly port: number;
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
  readonly servers: readonly DnsServer[];
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
