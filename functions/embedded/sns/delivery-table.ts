import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MessageDelivery } from "../../notify/deliveries.ts";
import type { MessageAttributes } from "./message-attributes.ts";
import type { MessageType, SignatureVersion } from "./signed-message.ts";
import { inTransaction } from "./sns-database.ts";
import type { SubscriptionProtocol } from "./subscriber-endpoint.ts";

/** What was published, for every protocol; `bodies` has at least `default`. */
export interface StoredMessage {
  readonly messageId: string;
  readonly type: MessageType;
  readonly subject: string | null;
  readonly bodies: Readonly<Record<string, string>>;
  readonly attributes: MessageAttributes;
  readonly publishedAtMs: number;
}

/** One message on its way to one subscriber, with all that sending takes. */
export interface Delivery {
  readonly deliveryId: number;
  readonly message: StoredMessage;
  readonly failures: number;
  readonly lastError: string | null;
  readonly deadAtMs: number | null;
  readonly topicArn: string;
  readonly topicDisplayName: string;
  readonly signatureVersion: SignatureVersion;
  readonly subscriptionArn: string;
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  readonly rawDelivery: boolean;
  readonly token: string;
}

/** What has become of one message at one subscriber. */
export interface DeliveryReport extends MessageDelivery {
  readonly messageId: string;
  readonly topicArn: string;
}

type Row = Record<string, string | number | null>;

const joined = `SELECT * FROM deliveries JOIN messages USING (message_id) JOIN subscriptions USING (subscription_arn) JOIN topics USING (topic_arn)`;

/** The delivery queue and its dead letters. */
export class DeliveryTable {
  readonly #db: DatabaseSync;
  readonly #insertMessage: StatementSync;
  readonly #insertDelivery: StatementSync;
  readonly #due: StatementSync;
  readonly #nextDueAt: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteOfSubscription: StatementSync;
  readonly #hasten: StatementSync;
  readonly #fail: StatementSync;
  readonly #dead: StatementSync;
  readonly #redrive: StatementSync;
  readonly #redriveAll: StatementSync;
  readonly #purge: StatementSync;
  readonly #waitingOf: StatementSync;
  readonly #deliveredOf: StatementSync;
  readonly #noteDelivered: StatementSync;
  readonly #purgeDelivered: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insertMessage = db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)");
    this.#insertDelivery = db.prepare("INSERT INTO deliveries (message_id, subscription_arn, due_at) VALUES (?, ?, ?)");
    this.#due = db.prepare(`${joined} WHERE dead_at IS NULL AND due_at <= ? AND subscription_arn NOT IN (SELECT value FROM json_each(?))
      ORDER BY delivery_id LIMIT 1`);
    this.#nextDueAt = db.prepare(`SELECT min(due_at) AS due_at FROM deliveries
      WHERE dead_at IS NULL AND subscription_arn NOT IN (SELECT value FROM json_each(?))`);
    this.#delete = db.prepare("DELETE FROM deliveries WHERE delivery_id = ?");
    this.#deleteOfSubscription = db.prepare("DELETE FROM deliveries WHERE subscription_arn = ?");
    this.#hasten = db.prepare("UPDATE deliveries SET due_at = ?1 WHERE subscription_arn = ?2 AND dead_at IS NULL AND due_at > ?1");
    this.#fail = db.prepare("UPDATE deliveries SET failures = failures + 1, last_error = ?, due_at = ?, dead_at = ? WHERE delivery_id = ?");
    this.#dead = db.prepare(`${joined} WHERE dead_at IS NOT NULL AND delivery_id > ? AND (?2 IS NULL OR topic_arn = ?2)
      ORDER BY delivery_id LIMIT ?3`);
    const again = "UPDATE deliveries SET failures = 0, dead_at = NULL, due_at = ?1 WHERE dead_at IS NOT NULL";
    const ofTopic = "(?2 IS NULL OR subscription_arn IN (SELECT subscription_arn FROM subscriptions WHERE topic_arn = ?2))";
    this.#redrive = db.prepare(`${again} AND ${ofTopic} AND delivery_id = ?3`);
    this.#redriveAll = db.prepare(`${again} AND ${ofTopic}`);
    this.#purge = db.prepare("DELETE FROM deliveries WHERE dead_at <= ?");
    this.#waitingOf = db.prepare(`${joined} WHERE message_id = ? ORDER BY delivery_id`);
    this.#deliveredOf = db.prepare("SELECT * FROM delivered WHERE message_id = ? ORDER BY delivered_at, subscription_arn");
    this.#noteDelivered = db.prepare("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#purgeDelivered = db.prepare("DELETE FROM delivered WHERE delivered_at <= ?");
  }

  /** A message that goes to nobody is not kept. The caller gives the transaction. */
  enqueue(message: StoredMessage, subscriptionArns: readonly string[]): void {
    if (subscriptionArns.length === 0) return;
    const { messageId, type, subject, publishedAtMs } = message;
    this.#insertMessage.run(messageId, type, subject, JSON.stringify(message.bodies), JSON.stringify(message.attributes), publishedAtMs);
    for (const subscriptionArn of subscriptionArns) this.#insertDelivery.run(messageId, subscriptionArn, publishedAtMs);
  }

  /** The oldest delivery that is due, of a subscription that is not among `busyArns`. */
  nextDue(nowMs: number, busyArns: readonly string[]): Delivery | null {
    const row = this.#due.get(nowMs, JSON.stringify(busyArns));
    return row === undefined ? null : deliveryOf(row as Row);
  }

  nextDueAtMs(busyArns: readonly string[]): number | null {
    return (this.#nextDueAt.get(JSON.stringify(busyArns))?.["due_at"] ?? null) as number | null;
  }

  /** It has arrived. */
  settle({ deliveryId, message, subscriptionArn, topicArn, protocol, endpoint, failures }: Delivery, nowMs: number): void {
    inTransaction(this.#db, () => {
      if (message.type === "Notification") {
        this.#noteDelivered.run(message.messageId, subscriptionArn, topicArn, protocol, endpoint, failures + 1, nowMs);
      }
      this.#delete.run(deliveryId);
    });
  }

  /** What has become of a message, subscriber by subscriber, for as long as it is remembered. */
  reports(messageId: string): readonly DeliveryReport[] {
    const delivered = (this.#deliveredOf.all(messageId) as Row[]).map((row) => ({
      messageId,
      topicArn: String(row["topic_arn"]),
      protocol: String(row["protocol"]),
      endpoint: String(row["endpoint"]),
      state: "delivered" as const,
      attempts: Number(row["attempts"]),
      lastFailure: null,
      deliveredAtMs: Number(row["delivered_at"]),
    }));
    const others = (this.#waitingOf.all(messageId) as Row[]).map(deliveryOf).map((delivery) => ({
      messageId,
      topicArn: delivery.topicArn,
      protocol: delivery.protocol,
      endpoint: delivery.endpoint,
      state: delivery.deadAtMs === null ? ("waiting" as const) : ("dead" as const),
      attempts: delivery.failures,
      lastFailure: delivery.lastError,
      deliveredAtMs: null,
    }));
    return [...delivered, ...others];
  }

  /** What else waits for this subscription is due at once. */
  hasten(subscriptionArn: string, nowMs: number): void {
    this.#hasten.run(nowMs, subscriptionArn);
  }

  /** Null for `dueAtMs`: it was the last attempt. */
  fail(deliveryId: number, reason: string, nowMs: number, dueAtMs: number | null): void {
    this.#fail.run(reason, dueAtMs ?? nowMs, dueAtMs === null ? nowMs : null, deliveryId);
  }

  dropOf(subscriptionArn: string): void {
    this.#deleteOfSubscription.run(subscriptionArn);
  }

  /** In the order of their ids, those after `afterId`; of one topic, or of all. */
  dead(afterId: number, topicArn: string | null, limit: number): readonly Delivery[] {
    return (this.#dead.all(afterId, topicArn, limit) as Row[]).map(deliveryOf);
  }

  /** Puts a dead letter, or all of them, back into the queue; of one topic, or of all. Returns how many. */
  redrive(deliveryId: number | null, topicArn: string | null, nowMs: number): number {
    const { changes } = deliveryId === null ? this.#redriveAll.run(nowMs, topicArn) : this.#redrive.run(nowMs, topicArn, deliveryId);
    return Number(changes);
  }

  /** Forgets dead letters that died at `beforeMs` or earlier. Returns how many. */
  purgeDead(beforeMs: number): number {
    return Number(this.#purge.run(beforeMs).changes);
  }

  /** Forgets what arrived at `beforeMs` or earlier. Returns how many. */
  purgeDelivered(beforeMs: number): number {
    return Number(this.#purgeDelivered.run(beforeMs).changes);
  }
}

function deliveryOf(row: Row): Delivery {
  return {
    deliveryId: Number(row["delivery_id"]),
    message: {
      messageId: String(row["message_id"]),
      type: row["type"] as MessageType,
      subject: row["subject"] as string | null,
      bodies: JSON.parse(String(row["bodies"])) as Record<string, string>,
      attributes: JSON.parse(String(row["attributes"])) as MessageAttributes,
      publishedAtMs: Number(row["published_at"]),
    },
    failures: Number(row["failures"]),
    lastError: row["last_error"] as string | null,
    deadAtMs: row["dead_at"] as number | null,
    topicArn: String(row["topic_arn"]),
    topicDisplayName: String(row["display_name"]),
    signatureVersion: row["signature_version"] as SignatureVersion,
    subscriptionArn: String(row["subscription_arn"]),
    protocol: row["protocol"] as SubscriptionProtocol,
    endpoint: String(row["endpoint"]),
    rawDelivery: row["raw_delivery"] === 1,
    token: String(row["token"]),
  };
}
