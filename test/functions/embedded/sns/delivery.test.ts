import { CreateTopicCommand, PublishCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HttpInbox } from "./http-inbox.ts";
import { quickRetry, type RunningEndpoint, runningEndpoint } from "./running-endpoint.ts";

let running: RunningEndpoint;
let client: SNSClient;
let TopicArn: string;
beforeEach(async () => {
  running = await runningEndpoint({ retry: { ...quickRetry, attemptsMax: 4 } });
  client = running.client;
  TopicArn = (await client.send(new CreateTopicCommand({ Name: "alerts" }))).TopicArn ?? "";
});
afterEach(async () => running[Symbol.asyncDispose]());

async function subscribed(inbox: HttpInbox, Attributes: Record<string, string> = {}): Promise<string> {
  const command = new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url, Attributes, ReturnSubscriptionArn: true });
  const { SubscriptionArn = "" } = await client.send(command);
  await inbox.waitFor(1);
  await fetch(inbox.message(0)["SubscribeURL"] ?? "");
  return SubscriptionArn;
}

const publish = async (Message: string, more: object = {}) => await client.send(new PublishCommand({ TopicArn, Message, ...more }));
const text = (value: string) => ({ DataType: "String", StringValue: value });
/** Holds confirmations apart from what a test answers to notifications. */
const isNotification = (headers: Readonly<Record<string, unknown>>) => headers["x-amz-sns-message-type"] === "Notification";

describe("SNS endpoint: delivery over HTTP", () => {
  it("headers and body: as SNS sends them", async () => {
    await using inbox = await HttpInbox.open();
    const subscriptionArn = await subscribed(inbox);
    const { MessageId } = await publish("Grüße & <3", { Subject: "Hello", MessageAttributes: { kind: text("test") } });
    await inbox.waitFor(2);
    expect(inbox.posts[0]?.headers).toMatchObject({
      "x-amz-sns-message-type": "SubscriptionConfirmation",
      "x-amz-sns-topic-arn": TopicArn,
    });
    expect(inbox.posts[1]?.headers).toMatchObject({
      "x-amz-sns-message-type": "Notification",
      "x-amz-sns-message-id": MessageId,
      "x-amz-sns-topic-arn": TopicArn,
      "x-amz-sns-subscription-arn": subscriptionArn,
      "content-type": "text/plain; charset=UTF-8",
    });
    expect(Object.keys(inbox.message(0))).toEqual(
      ["Type", "MessageId", "Token", "TopicArn", "Message", "SubscribeURL", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"], // biome-ignore format: one list
    );
    expect(inbox.message(1)).toEqual({
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "Hello",
      Message: "Grüße & <3",
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      SignatureVersion: "1",
      Signature: expect.any(String),
      SigningCertURL: expect.stringMatching(/^https:\/\/sns\.eu-central-1\.amazonaws\.com\/SimpleNotificationService-[0-9a-f]{32}\.pem$/),
      UnsubscribeURL: `${running.endpoint.url}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(subscriptionArn)}`,
      MessageAttributes: { kind: { Type: "String", Value: "test" } },
    });
  });

  it("raw delivery and a body of its own for HTTP: the text alone", async () => {
    await using inbox = await HttpInbox.open();
    await subscribed(inbox, { RawMessageDelivery: "true" });
    await publish(JSON.stringify({ default: "for all", http: "for HTTP" }), { MessageStructure: "json" });
    await inbox.waitFor(2);
    expect(inbox.posts[1]).toMatchObject({ body: "for HTTP", headers: { "x-amz-sns-rawdelivery": "true" } });
  });

  it("filter policy: only what it chooses arrives", async () => {
    await using inbox = await HttpInbox.open();
    await using everything = await HttpInbox.open();
    await subscribed(inbox, { FilterPolicy: '{"severity":["critical"],"kind":[{"prefix":"group."}]}' });
    await subscribed(everything);
    await publish("no attributes");
    await publish("wrong kind", { MessageAttributes: { severity: text("critical"), kind: text("node.silent") } });
    await publish("chosen", { MessageAttributes: { severity: text("critical"), kind: text("group.takeover") } });
    await everything.waitFor(4);
    await inbox.waitFor(2);
    expect(inbox.posts.slice(1).map((_, index) => inbox.message(index + 1)["Message"])).toEqual(["chosen"]);
  });

  it("messages to a subscriber that answers: arrive in the order in which they were published", async () => {
    await using inbox = await HttpInbox.open();
    await subscribed(inbox);
    const messages = Array.from({ length: 20 }, (_, index) => String(index));
    for (const message of messages) await publish(message);
    await inbox.waitFor(21);
    expect(messages.map((_, index) => inbox.message(index + 1)["Message"])).toEqual(messages);
  });

  it("a subscriber that is down, and comes back: gets everything, each once", async () => {
    const inbox = await HttpInbox.open();
    await subscribed(inbox);
    await inbox[Symbol.asyncDispose]();
    const messages = ["first", "second", "third"];
    for (const message of messages) await publish(message);
    await using back = await HttpInbox.open(undefined, Number(new URL(inbox.url).port));
    await back.waitFor(3);
    await publish("last");
    await back.waitFor(4);
    const received = back.posts.map((_, index) => back.message(index)["Message"] ?? "");
    expect(received.slice(0, 3).toSorted()).toEqual(messages.toSorted());
    expect(received.slice(3)).toEqual(["last"]);
  });

  it("answers that are no success (500, 403, a redirect): tried again, the redirect not followed, nothing sent twice after a success", async () => {
    await using elsewhere = await HttpInbox.open();
    const answers = [500, 403, 302, 200];
    await using inbox = await HttpInbox.open((response, post) => {
      const status = isNotification(post.headers) ? (answers.shift() ?? 500) : 200;
      response.writeHead(status, status === 302 ? { location: elsewhere.url } : {}).end();
    });
    await subscribed(inbox);
    await publish("persistent");
    await inbox.waitFor(5);
    await publish("next");
    await inbox.waitFor(6);
    expect(inbox.posts.slice(1).map((_, index) => inbox.message(index + 1)["Message"])).toEqual([
      ...Array<string>(4).fill("persistent"),
      "next",
    ]);
    expect(new Set(inbox.posts.slice(1, 5).map((post) => post.body)).size).toBe(1);
    expect(elsewhere.posts).toEqual([]);
  });

  it("a subscriber that never answers: holds up no other", async () => {
    await using hanging = await HttpInbox.open((response, post) => void (isNotification(post.headers) || response.end()));
    await using inbox = await HttpInbox.open();
    await subscribed(hanging);
    await subscribed(inbox);
    for (const message of ["one", "two", "three"]) await publish(message);
    await inbox.waitFor(4);
    expect(hanging.posts.filter((post) => isNotification(post.headers))).toHaveLength(1);
  });

  it("every attempt failed: a dead letter that says why, and that a redrive delivers", async () => {
    let healthy = false;
    await using inbox = await HttpInbox.open((response, post) =>
      response.writeHead(healthy || !isNotification(post.headers) ? 200 : 503).end(),
    );
    const subscriptionArn = await subscribed(inbox);
    const { MessageId } = await publish("dead");
    await inbox.waitFor(5);
    const letters = await vi.waitUntil(() => running.endpoint.deadLetters()[0] && running.endpoint.deadLetters(), { interval: 5 });
    expect(letters).toEqual([
      {
        deliveryId: expect.any(Number),
        topicArn: TopicArn,
        subscriptionArn,
        protocol: "http",
        endpoint: inbox.url,
        messageId: MessageId,
        attempts: 4,
        reason: "answered HTTP status 503",
        diedAt: expect.stringMatching(/Z$/),
      },
    ]);
    healthy = true;
    expect(running.endpoint.reports(MessageId ?? "")).toMatchObject([
      { state: "dead", attempts: 4, lastFailure: "answered HTTP status 503" },
    ]);
    expect(running.endpoint.deadLetters(0, `${TopicArn}-of-another`)).toEqual([]);
    expect(running.endpoint.redrive(undefined, `${TopicArn}-of-another`)).toBe(0);
    expect(running.endpoint.redrive(undefined, TopicArn)).toBe(1);
    await inbox.waitFor(6);
    expect(inbox.message(5)["MessageId"]).toBe(MessageId);
    await vi.waitUntil(() => running.endpoint.deadLetters().length === 0, { interval: 5 });
    expect(running.endpoint.redrive()).toBe(0);
    const arrived = () => running.endpoint.reports(MessageId ?? "")[0]?.state === "delivered";
    await vi.waitUntil(arrived, { interval: 5 });
  });
});
