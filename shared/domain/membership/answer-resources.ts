/**
 * Resources by which a group tells the world where it is: they run nothing, and say of a node only what its own view of
 * the group's lease says. Ports at which agents answer, and secrets, stand in each node's own settings.
 */
export type AnswerResource = BalancerAnswer;

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
