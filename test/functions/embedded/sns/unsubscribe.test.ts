import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpInbox } from "./http-inbox.ts";
import { type RunningEndpoint, runningEndpoint } from "./running-endpoint.ts";

let running: RunningEndpoint;
let inbox: HttpInbox;
let TopicArn: string;
let SubscriptionArn: string;
beforeEach(async () => {
  running = await runningEndpoint();
  inbox = await HttpInbox.open();
  TopicArn = (await running.client.send(new CreateTopicCommand({ Name: "alerts" }))).TopicArn ?? "";
  const command = new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url, ReturnSubscriptionArn: true });
  SubscriptionArn = (await running.client.send(command)).SubscriptionArn ?? "";
  await inbox.waitFor(1);
});
afterEach(async () => {
  await inbox[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
});

const listed = async () => (await running.client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions ?? [];

async function unsubscribeUrl(): Promise<string> {
  await running.client.send(new PublishCommand({ TopicArn, Message: "x" }));
  await inbox.waitFor(2);
  return inbox.message(1)["UnsubscribeURL"] ?? "";
}

describe("SNS endpoint: confirming and unsubscribing", () => {
  it("confirmed twice with the same token: the same ARN; a browser is shown a page", async () => {
    const url = inbox.message(0)["SubscribeURL"] ?? "";
    const first = await fetch(url);
    expect(await first.text()).toContain(`<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`);
    const again = await fetch(url, { headers: { accept: "text/html,*/*" } });
    expect([again.status, again.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await again.text()).toContain("<h1>Subscription confirmed</h1>");
    const broken = await fetch(url.replace(/Token=./, "Token=x"), { headers: { accept: "text/html" } });
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining("unknown or expired; subscribe again")]);
  });

  it("taken back over the link of a message: gone from the lists, told to the endpoint, which may restore it", async () => {
    await fetch(inbox.message(0)["SubscribeURL"] ?? "");
    const answer = await fetch(await unsubscribeUrl());
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("UnsubscribeResponse")]);
    await inbox.waitFor(3);
    expect(inbox.message(2)).toMatchObject({ Type: "UnsubscribeConfirmation", TopicArn });
    expect(await listed()).toEqual([]);
    await running.client.send(new PublishCommand({ TopicArn, Message: "to nobody" }));

    await fetch(inbox.message(2)["SubscribeURL"] ?? "");
    await running.client.send(new PublishCommand({ TopicArn, Message: "restored" }));
    await inbox.waitFor(4);
    expect(inbox.message(3)["Message"]).toBe("restored");
    expect(await listed()).toMatchObject([{ SubscriptionArn }]);
  });

  it("confirmed with AuthenticateOnUnsubscribe: the link is refused, a signed call is not", async () => {
    const Token = inbox.message(0)["Token"] ?? "";
    await running.client.send(new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: "true" }));
    const { Attributes } = await running.client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ ConfirmationWasAuthenticated: "true" });
    expect((await fetch(await unsubscribeUrl())).status).toBe(403);
    expect(await listed()).toHaveLength(1);
    await running.client.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await listed()).toEqual([]);
  });
});
