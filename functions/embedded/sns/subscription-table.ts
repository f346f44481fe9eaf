import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SubscriptionProtocol } from "./subscriber-endpoint.ts";

/** `deleted`: taken back over its link; gone for everyone but its endpoint, which may confirm again until the token lapses. */
export type SubscriptionState = "pending" | "confirmed" | "deleted";

export interface Subscription {
  readonly subscriptionArn: string;
  readonly topicArn: string;
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  /** JSON as it was given, already checked. */
  readonly filterPolicy: string | null;
  readonly rawDelivery: boolean;
  readonly state: SubscriptionState;
  readonly token: string;
  readonly tokenExpiresAtMs: number;
  readonly unsubscribeNeedsSignature: boolean;
}

type Row = Record<string, string | number | null>;

export class SubscriptionTable {
  readonly #put: StatementSync;
  readonly #find: StatementSync;
  readonly #findEndpoint: StatementSync;
  readonly #findToken: StatementSync;
  readonly #delete: StatementSync;
  readonly #confirmed: StatementSync;
  readonly #page: StatementSync;
  readonly #pageOfTopic: StatementSync;
  readonly #counts: StatementSync;
  readonly #purge: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare(`INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (subscription_arn) DO UPDATE SET filter_policy = excluded.filter_policy, raw_delivery = excluded.raw_delivery,
        state = excluded.state, token = excluded.token, token_expires_at = excluded.token_expires_at,
        unsubscribe_needs_signature = excluded.unsubscribe_needs_signature`);
    this.#find = db.prepare("SELECT * FROM subscriptions WHERE subscription_arn = ?");
    this.#findEndpoint = db.prepare("SELECT * FROM subscriptions WHERE topic_arn = ? AND protocol = ? AND endpoint = ?");
    this.#findToken = db.prepare("SELECT * FROM subscriptions WHERE topic_arn = ? AND token = ?");
    this.#delete = db.prepare("DELETE FROM subscriptions WHERE subscription_arn = ?");
    this.#confirmed = db.prepare("SELECT * FROM subscriptions WHERE topic_arn = ? AND state = 'confirmed'");
    const page = "AND state <> 'deleted' ORDER BY subscription_arn LIMIT ?";
    this.#page = db.prepare(`SELECT * FROM subscriptions WHERE subscription_arn > ? ${page}`);
    this.#pageOfTopic = db.prepare(`SELECT * FROM subscriptions WHERE topic_arn = ? AND subscription_arn > ? ${page}`);
    this.#counts = db.prepare("SELECT state, count(*) AS subscriptions FROM subscriptions WHERE topic_arn = ? GROUP BY state");
    this.#purge = db.prepare("DELETE FROM subscriptions WHERE state <> 'confirmed' AND token_expires_at <= ?");
  }

  put(subscription: Subscription): void {
    this.#put.run(
      subscription.subscriptionArn,
      subscription.topicArn,
      subscription.protocol,
      subscription.endpoint,
      subscription.filterPolicy,
      Number(subscription.rawDelivery),
      subscription.state,
      subscription.token,
      subscription.tokenExpiresAtMs,
      Number(subscription.unsubscribeNeedsSignature),
    );
  }

  find(subscriptionArn: string): Subscription | null {
    return found(this.#find.get(subscriptionArn));
  }

  findEndpoint(topicArn: string, protocol: SubscriptionProtocol, endpoint: string): Subscription | null {
    return found(this.#findEndpoint.get(topicArn, protocol, endpoint));
  }

  findToken(topicArn: string, token: string): Subscription | null {
    return found(this.#findToken.get(topicArn, token));
  }

  /** With what waits for it. */
  delete(subscriptionArn: string): void {
    this.#delete.run(subscriptionArn);
  }

  confirmed(topicArn: string): readonly Subscription[] {
    return (this.#confirmed.all(topicArn) as Row[]).map(subscriptionOf);
  }

  /** In the order of their ARNs, those after `afterArn`; of one topic, or of all. */
  page(topicArn: string | null, afterArn: string, limit: number): readonly Subscription[] {
    const rows = topicArn === null ? this.#page.all(afterArn, limit) : this.#pageOfTopic.all(topicArn, afterArn, limit);
    return (rows as Row[]).map(subscriptionOf);
  }

  counts(topicArn: string): Readonly<Record<SubscriptionState, number>> {
    const counts = { pending: 0, confirmed: 0, deleted: 0 };
    for (const row of this.#counts.all(topicArn)) counts[row["state"] as SubscriptionState] = Number(row["subscriptions"]);
    return counts;
  }

  /** Forgets what nobody confirmed in time. Returns how many. */
  purgeLapsed(nowMs: number): number {
    return Number(this.#purge.run(nowMs).changes);
  }
}

function found(row: unknown): Subscription | null {
  return row === undefined ? null : subscriptionOf(row as Row);
}

function subscriptionOf(row: Row): Subscription {
  return {
    subscriptionArn: String(row["subscription_arn"]),
    topicArn: String(row["topic_arn"]),
    protocol: row["protocol"] as SubscriptionProtocol,
    endpoint: String(row["endpoint"]),
    filterPolicy: row["filter_policy"] as string | null,
    rawDelivery: row["raw_delivery"] === 1,
    state: row["state"] as SubscriptionState,
    token: String(row["token"]),
    tokenExpiresAtMs: Number(row["token_expires_at"]),
    unsubscribeNeedsSignature: row["unsubscribe_needs_signature"] === 1,
  };
}
