import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  type SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningEndpoint, runningEndpoint, snsClient } from "./running-endpoint.ts";

let running: RunningEndpoint;
let client: SNSClient;
beforeAll(async () => {
  running = await runningEndpoint();
  client = running.client;
});
afterAll(async () => running[Symbol.asyncDispose]());

const unheard = "http://127.0.0.1:9/";
const makeTopic = async (name: string) => (await client.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? "";
const makeTopicWith = async (Attributes: Record<string, string>) =>
  await client.send(new CreateTopicCommand({ Name: "idempotent", Attributes }));
const subscribe = async (TopicArn: string, more: object = {}) =>
  await client.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: unheard, ReturnSubscriptionArn: true, ...more }));

describe("SNS endpoint: topics, over the AWS SDK", () => {
  it("CreateTopic: idempotent by name; other attributes are refused", async () => {
    const first = await makeTopicWith({ SignatureVersion: "2", DisplayName: "Alerts <&>" });
    expect(first.TopicArn).toBe("arn:aws:sns:eu-central-1:123456789012:idempotent");
    expect((await makeTopicWith({ SignatureVersion: "2" })).TopicArn).toBe(first.TopicArn);
    expect(await makeTopic("idempotent")).toBe(first.TopicArn);
    await expect(makeTopicWith({ SignatureVersion: "1" })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: /different attributes/,
    });
  });

  it("attributes: read back as set", async () => {
    const TopicArn = await makeTopic("attributes");
    await client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "A & B <c>" }));
    await subscribe(TopicArn);
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toEqual({
      TopicArn,
      Owner: "123456789012",
      DisplayName: "A & B <c>",
      SignatureVersion: "1",
      SubscriptionsConfirmed: "0",
      SubscriptionsPending: "1",
      SubscriptionsDeleted: "0",
    });
  });

  it("DeleteTopic: gone with its subscriptions, harmless twice", async () => {
    const TopicArn = await makeTopic("deleted");
    const { SubscriptionArn } = await subscribe(TopicArn);
    await client.send(new DeleteTopicCommand({ TopicArn }));
    await client.send(new DeleteTopicCommand({ TopicArn }));
    await expect(client.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });

  it("ListTopics: pages of 100, none twice, none missing", async () => {
    for (let index = 0; index < 101; index += 1) await makeTopic(`page-${index}`);
    const first = await client.send(new ListTopicsCommand({}));
    expect(first.Topics).toHaveLength(100);
    const second = await client.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    const all = [...(first.Topics ?? []), ...(second.Topics ?? [])].map((topic) => topic.TopicArn);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((arn) => arn?.includes(":page-"))).toHaveLength(101);
    expect(second.NextToken).toBeUndefined();
  });
});

describe("SNS endpoint: subscriptions, over the AWS SDK", () => {
  it("pending: shown without its ARN in lists, with it to the one who subscribed and asked", async () => {
    const TopicArn = await makeTopic("pending");
    expect((await subscribe(TopicArn, { ReturnSubscriptionArn: false })).SubscriptionArn).toBe("pending confirmation");
    const { SubscriptionArn } = await subscribe(TopicArn);
    expect(SubscriptionArn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
    const listed = { SubscriptionArn: "PendingConfirmation", Owner: "123456789012", Protocol: "http", Endpoint: unheard, TopicArn };
    expect((await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual([listed]);
    expect((await client.send(new ListSubscriptionsCommand({}))).Subscriptions).toContainEqual(listed);
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ PendingConfirmation: "true", RawMessageDelivery: "false", Protocol: "http" });
    await expect(client.send(new UnsubscribeCommand({ SubscriptionArn }))).rejects.toMatchObject({
      message: expect.stringMatching(/pending confirmation/),
    });
  });

  it("filter policy and raw delivery: set at once or later, and read back", async () => {
    const TopicArn = await makeTopic("subscription-attributes");
    const FilterPolicy = '{"severity":["critical"]}';
    const { SubscriptionArn } = await subscribe(TopicArn, { Attributes: { FilterPolicy } });
    await client.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "RawMessageDelivery", AttributeValue: "true" }),
    );
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ FilterPolicy, FilterPolicyScope: "MessageAttributes", RawMessageDelivery: "true" });
  });

  it.each<[string, object, RegExp]>([
    ["another scheme", { Protocol: "https" }, /must match the specified protocol/],
    ["no URL", { Endpoint: "127.0.0.1" }, /must be a URL/],
    ["credentials in the URL", { Endpoint: "http://a:b@127.0.0.1/" }, /no user name or password/],
    ["another protocol", { Protocol: "sqs", Endpoint: "arn:aws:sqs:::q" }, /Does not support this protocol: sqs/],
    ["e-mail without an SMTP server", { Protocol: "email", Endpoint: "a@example.com" }, /started without a mail server \(--smtp-url\)/],
    ["a bad filter policy", { Attributes: { FilterPolicy: "{" } }, /FilterPolicy/],
    ["filtering by body", { Attributes: { FilterPolicyScope: "MessageBody" } }, /MessageAttributes only/],
    ["a redrive policy", { Attributes: { RedrivePolicy: "{}" } }, /keeps its dead letters itself/],
  ])("Subscribe with %s: InvalidParameter", async (_, change, message) => {
    const TopicArn = await makeTopic("refusals");
    await expect(subscribe(TopicArn, change)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringMatching(message),
    });
  });

  it("ConfirmSubscription with a made-up token: InvalidParameter", async () => {
    const TopicArn = await makeTopic("made-up");
    await subscribe(TopicArn);
    const confirm = client.send(new ConfirmSubscriptionCommand({ TopicArn, Token: "0".repeat(128) }));
    await expect(confirm).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringMatching(/unknown or expired/),
    });
  });
});

describe("SNS endpoint: what it refuses, over the AWS SDK", () => {
  it.each<[string, object, RegExp]>([
    ["a line break in the subject", { Subject: "a\nb" }, /Subject/],
    ["a subject of 101 characters", { Subject: "a".repeat(101) }, /Subject/],
    ["a message over 256 KiB", { Message: "ä".repeat(131_073) }, /262144 bytes/],
    ["a JSON message without default", { MessageStructure: "json", Message: '{"email":"x"}' }, /No default entry/],
    ["a JSON message that is none", { MessageStructure: "json", Message: "x" }, /failed to parse/],
    ["a number that is none", { MessageAttributes: { n: { DataType: "Number", StringValue: "x" } } }, /n is not a number/],
    ["a reserved attribute name", { MessageAttributes: { "AWS.n": { DataType: "String", StringValue: "x" } } }, /not allowed/],
    ["a phone number", { PhoneNumber: "+4912345" }, /PhoneNumber/],
  ])("Publish with %s: InvalidParameter", async (_, change, message) => {
    const TopicArn = await makeTopic("publish-refusals");
    const publish = client.send(new PublishCommand({ TopicArn, Message: "x", ...change }));
    await expect(publish).rejects.toMatchObject({ name: "InvalidParameterException", message: expect.stringMatching(message) });
  });

  it("PublishBatch: the good go out, the bad are named; a batch that is none is refused", async () => {
    const TopicArn = await makeTopic("batch");
    const batch = async (...PublishBatchRequestEntries: { Id: string; Message: string; Subject?: string }[]) =>
      await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    const answer = await batch({ Id: "good", Message: "x" }, { Id: "bad", Message: "x", Subject: "\n" });
    expect(answer.Successful).toMatchObject([{ Id: "good", MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    expect(answer.Failed).toMatchObject([{ Id: "bad", Code: "InvalidParameter", SenderFault: true }]);
    await expect(batch({ Id: "a", Message: "x" }, { Id: "a", Message: "y" })).rejects.toMatchObject({
      name: "BatchEntryIdsNotDistinctException",
    });
    const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), Message: "x" }));
    await expect(batch(...eleven)).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequestException" });
  });

  it("an action that it does not know, a topic that is not there", async () => {
    const ResourceArn = "arn:aws:sns:eu-central-1:123456789012:nowhere";
    await expect(client.send(new TagResourceCommand({ ResourceArn, Tags: [] }))).rejects.toMatchObject({ name: "InvalidAction" });
    await expect(client.send(new PublishCommand({ TopicArn: ResourceArn, Message: "x" }))).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });

  it("another secret, or no signature at all: refused, and nothing happens", async () => {
    const stranger = snsClient(running.endpoint.url, "guessed");
    await expect(stranger.send(new CreateTopicCommand({ Name: "stranger" }))).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    const form = new URLSearchParams({ Action: "CreateTopic", Name: "unsigned", Version: "2010-03-31" });
    const answer = await fetch(running.endpoint.url, { method: "POST", body: form });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>MissingAuthenticationToken</Code>");
    const { Topics } = await client.send(new ListTopicsCommand({}));
    expect(Topics?.map((topic) => topic.TopicArn).filter((arn) => /stranger|unsigned/.test(arn ?? ""))).toEqual([]);
  });

  it("a body that is too long, another content type, another path: refused by name", async () => {
    const { url } = running.endpoint;
    const long = await fetch(url, { method: "POST", body: new URLSearchParams({ Action: "Publish", Message: "x".repeat(1_100_000) }) });
    expect([long.status, await long.text()]).toEqual([400, expect.stringContaining("longer than 1048576 bytes")]);
    const json = await fetch(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect([json.status, await json.text()]).toEqual([400, expect.stringContaining("MalformedQueryString")]);
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });
});
