import type { CustomerId } from "../../shared/domain/ids.ts";
import type { AlertLevel } from "../../shared/domain/incidents/announce.ts";
import type { AlertMessage } from "./alert-message.ts";

export type SubscriptionProtocol = "http" | "https" | "email";

export interface SubscriptionRequest {
  readonly protocol: SubscriptionProtocol;
  /** A URL for http and https, an address for e-mail. */
  readonly endpoint: string;
  /** Only what is in every list that is given; absent: everything. */
  readonly filter?: SubscriptionFilter;
}

/** By the attributes of the messages; a list must not be empty. */
export interface SubscriptionFilter {
  readonly severity?: readonly string[] | undefined;
  readonly cluster?: readonly string[] | undefined;
  readonly kind?: readonly string[] | undefined;
  readonly phase?: readonly string[] | undefined;
}

export interface Subscription extends SubscriptionRequest {
  /** What `unsubscribe` takes. Null while the subscription is pending: the service tells its id to the one who subscribed, and to nobody else. */
  readonly subscriptionId: string | null;
  readonly state: "pending-confirmation" | "confirmed";
}

/** Brings alerts to the people and machines that a customer has named. Every method rejects with a `NotifierError` and with nothing else. */
export interface Notifier {
  /** Makes the customer's topic of that level, or finds it: idempotent. Its messages to HTTP are signed with SHA-256. Returns the topic's ARN. `level`: `first` without it. */
  ensureTopic(customerId: CustomerId, level?: AlertLevel): Promise<string>;

  /** Ends the customer's topics of every level, with their subscriptions and what waits for those. Idempotent. Errors: `refused`. */
  removeTopics(customerId: CustomerId): Promise<void>;

  /**
   * Asks the endpoint to confirm; nothing else is sent to it before it has. Idempotent for the same endpoint.
   * Errors: `not-found` (topic), `refused` (endpoint malformed, or e-mail not set up).
   */
  subscribe(topicArn: string, subscription: SubscriptionRequest): Promise<{ subscriptionId: string; state: Subscription["state"] }>;

  /** All subscriptions of the topic, in no order; the filter of one that is confirmed. Errors: `not-found` (topic). */
  subscriptions(topicArn: string): Promise<readonly Subscription[]>;

  /** Idempotent. Errors: `subscription-pending` (one that was never confirmed cannot be taken back; it lapses after three days). */
  unsubscribe(subscriptionId: string): Promise<void>;

  /**
   * Hands the alert over: once this resolves, the service delivers at least once to each confirmed subscription, and retries by itself.
   * Errors: `not-found` (topic), `refused`.
   */
  publish(topicArn: string, alert: AlertMessage): Promise<{ messageId: string }>;
}

/**
 * Closed list. `throttled` and `unavailable` may succeed when the same call is made again: the caller retries (the alert
 * function through its event source). The others stay as they are until somebody changes something.
 */
export type NotifierErrorCode = "throttled" | "unavailable" | "not-found" | "subscription-pending" | "refused";

export class NotifierError extends Error {
  override readonly name = "NotifierError";
  readonly code: NotifierErrorCode;

  constructor(code: NotifierErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }

  get retryable(): boolean {
    return this.code === "throttled" || this.code === "unavailable";
  }
}
