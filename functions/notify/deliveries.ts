/** One message at one subscriber. Times in milliseconds since 1970. */
export interface MessageDelivery {
  readonly protocol: string;
  readonly endpoint: string;
  /** dead: given up after the last attempt, and kept to be sent again. */
  readonly state: "waiting" | "delivered" | "dead";
  readonly attempts: number;
  readonly lastFailure: string | null;
  readonly deliveredAtMs: number | null;
}

/** A delivery that was given up after its last attempt. */
export interface DeadAlert {
  readonly deliveryId: number;
  readonly protocol: string;
  readonly endpoint: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly diedAt: string;
}

/**
 * What becomes of alerts that the notifier has taken. Rejects with nothing but a `NotifierError`; a topic that was never made has
 * neither deliveries nor dead letters.
 */
export interface AlertDeliveries {
  /** Of one message; empty where nobody was subscribed, or it was too long ago. */
  ofMessage(topicArn: string, messageId: string): Promise<readonly MessageDelivery[]>;
  /** Oldest first, at most 100; those after a delivery's id. */
  dead(topicArn: string, afterId: number): Promise<readonly DeadAlert[]>;
  /** Tries one of the topic's dead letters again, or all of them (null). Returns how many. */
  redrive(topicArn: string, deliveryId: number | null): Promise<number>;
}
