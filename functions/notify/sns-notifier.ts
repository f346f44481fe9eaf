import {
  CreateTopicCommand,
  type CreateTopicCommandInput,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  type SNSClient,
  type Subscription as SnsSubscription,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { type AlertLevel, alertLevels } from "../../shared/domain/incidents/announce.ts";
import { subscriptionFilterSchema as filterSchema } from "../../shared/protocol/alert-contract.ts";
import type { AlertMessage } from "./alert-message.ts";
import { type Notifier, NotifierError, type Subscription, type SubscriptionProtocol, type SubscriptionRequest } from "./notifier.ts";
import { translated } from "./sns-error.ts";

/** Signed with SHA-256, and by this name in the inboxes of e-mail subscribers. */
const topicAttributes = { SignatureVersion: "2", DisplayName: "Understudy" } as const;

/** Each level's name in those of the topics. */
const topicOf: Readonly<Record<AlertLevel, string>> = { first: "alerts", escalation: "escalations" };

function nameOfTopic(customerId: CustomerId, level: AlertLevel): string {
  return `understudy-${topicOf[level]}-${customerId}`;
}

/** The attribute that names an alert: with it, an endpoint or a receiver that knows it can tell a repeat before it looks into the body. */
export const alertIdAttribute = "alertId";

/** One topic for each customer and level; the caller makes the client (region, credentials, endpoint) and ends it. */
export class SnsNotifier implements Notifier {
  readonly #client: SNSClient;
  readonly #undeliveredQueue: string | undefined;

  /** `undeliveredQueue`: ARN of the SQS queue that gets what a subscriber did not take until the last attempt; without one SNS drops it then. */
  constructor(client: SNSClient, { undeliveredQueue }: { readonly undeliveredQueue?: string } = {}) {
    this.#client = client;
    this.#undeliveredQueue = undeliveredQueue;
  }

  async ensureTopic(customerId: CustomerId, level: AlertLevel = "first"): Promise<string> {
    const Name = nameOfTopic(customerId, level);
    try {
      return await this.#createTopic({ Name, Attributes: topicAttributes });
    } catch (error) {
      if (!(error instanceof NotifierError) || error.code !== "refused") throw error;
      // SNS refuses a topic of this name whose attributes somebody changed. An alert must not fail for that: they are set right.
      const topicArn = await this.#createTopic({ Name });
      for (const [AttributeName, AttributeValue] of Object.entries(topicAttributes)) {
        const command = new SetTopicAttributesCommand({ TopicArn: topicArn, AttributeName, AttributeValue });
        await translated("set the topic's attributes", this.#client.send(command));
      }
      return topicArn;
    }
  }

  /** SNS tells a topic's ARN to whoever makes it, again or for the first time. */
  async removeTopics(customerId: CustomerId): Promise<void> {
    for (const level of alertLevels) {
      const TopicArn = await this.#createTopic({ Name: nameOfTopic(customerId, level) });
      await translated("delete the topic", this.#client.send(new DeleteTopicCommand({ TopicArn })));
    }
  }

  async #createTopic(input: CreateTopicCommandInput): Promise<string> {
    const answer = await translated("make the topic", this.#client.send(new CreateTopicCommand(input)));
    return told(answer.TopicArn, "CreateTopic answered without the topic's ARN");
  }

  async subscribe(
    topicArn: string,
    { protocol, endpoint, filter }: SubscriptionRequest,
  ): Promise<{ subscriptionId: string; state: Subscription["state"] }> {
    const command = new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
      ReturnSubscriptionArn: true,
      Attributes: {
        ...(filter === undefined ? {} : { FilterPolicy: JSON.stringify(filter) }),
        ...(this.#undeliveredQueue === undefined ? {} : { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: this.#undeliveredQueue }) }),
      },
    });
    const answer = await translated("subscribe", this.#client.send(command));
    const subscriptionId = told(answer.SubscriptionArn, "Subscribe answered without the subscription's ARN");
    return { subscriptionId, state: (await this.#isPending(subscriptionId)) ? "pending-confirmation" : "confirmed" };
  }

  async subscriptions(topicArn: string): Promise<readonly Subscription[]> {
    const found: Subscription[] = [];
    let next: string | undefined;
    do {
      const command = new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, ...(next === undefined ? {} : { NextToken: next }) });
      const page = await translated("list the subscriptions", this.#client.send(command));
      for (const subscription of (page.Subscriptions ?? []).flatMap(subscriptionOf)) found.push(await this.#withFilter(subscription));
      next = page.NextToken;
    } while (next !== undefined && next !== "");
    return found;
  }

  async unsubscribe(subscriptionId: string): Promise<void> {
    try {
      await translated("unsubscribe", this.#client.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionId })));
    } catch (error) {
      if (!(error instanceof NotifierError)) throw error;
      if (error.code === "not-found") return;
      // SNS says "invalid parameter" for a pending one as for a malformed id: only the subscription itself can tell.
      if (error.code === "refused" && (await this.#isPending(subscriptionId).catch(() => false))) {
        throw new NotifierError(
          "subscription-pending",
          "the subscription was never confirmed; it lapses by itself within three days",
          error,
        );
      }
      throw error;
    }
  }

  async publish(topicArn: string, alert: AlertMessage): Promise<{ messageId: string }> {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: alert.subject,
      MessageStructure: "json",
      Message: JSON.stringify({ default: JSON.stringify(alert.body), email: alert.emailText, sms: alert.smsText }),
      MessageAttributes: Object.fromEntries(
        Object.entries({ ...alert.attributes, [alertIdAttribute]: alert.body.alertId }).map(([name, value]) => [
          name,
          { DataType: "String", StringValue: value },
        ]),
      ),
    });
    const answer = await translated("publish the alert", this.#client.send(command));
    return { messageId: told(answer.MessageId, "Publish answered without the message's id") };
  }

  async #withFilter(subscription: Subscription): Promise<Subscription> {
    if (subscription.subscriptionId === null) return subscription;
    const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription.subscriptionId });
    const { Attributes } = await translated("read the subscription", this.#client.send(command));
    const policy = filterSchema.safeParse(JSON.parse(Attributes?.["FilterPolicy"] ?? "null"));
    return policy.success ? { ...subscription, filter: policy.data } : subscription;
  }

  async #isPending(subscriptionArn: string): Promise<boolean> {
    const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn });
    const { Attributes } = await translated("read the subscription", this.#client.send(command));
    return Attributes?.["PendingConfirmation"] === "true";
  }
}

/** None for protocols that this product does not offer, which an operator may have subscribed by other means. */
function subscriptionOf({ SubscriptionArn, Protocol, Endpoint }: SnsSubscription): Subscription[] {
  if (!isOffered(Protocol) || Endpoint === undefined || SubscriptionArn === undefined || SubscriptionArn === "Deleted") return [];
  const pending = SubscriptionArn === "PendingConfirmation";
  const state = pending ? "pending-confirmation" : "confirmed";
  return [{ subscriptionId: pending ? null : SubscriptionArn, protocol: Protocol, endpoint: Endpoint, state }];
}

function isOffered(protocol: string | undefined): protocol is SubscriptionProtocol {
  return protocol === "http" || protocol === "https" || protocol === "email";
}

function told(value: string | undefined, otherwise: string): string {
  if (value === undefined) throw new NotifierError("unavailable", otherwise, null);
  return value;
}
