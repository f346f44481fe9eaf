import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CreateTopicCommand, PublishCommand, SetTopicAttributesCommand, type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { sampleAlert } from "../../notify/sample-alert.ts";
import { ChildLines } from "./child-lines.ts";
import { HttpInbox } from "./http-inbox.ts";
import { runningEndpoint, snsClient, temporaryFolder } from "./running-endpoint.ts";

const accepted = { snsValidator: "accepted", snsPayloadValidator: "accepted" };

async function startSubscriber(tlsUrl: string, dataDir: string, port = 0): Promise<{ process: ChildLines; url: string }> {
  const args = ["--port", String(port), "--endpoint-tls", new URL(tlsUrl).host, "--ca", join(dataDir, "sns-ca.pem")];
  const process = new ChildLines("test/demo/alert-subscriber.ts", args);
  const [listening] = await process.waitFor("listening");
  return { process, url: `http://127.0.0.1:${String(listening?.["port"])}/alerts` };
}

async function topic(client: SNSClient): Promise<string> {
  const { TopicArn = "" } = await client.send(new CreateTopicCommand({ Name: "alerts", Attributes: { SignatureVersion: "2" } }));
  return TopicArn;
}

const publish = async (client: SNSClient, TopicArn: string, alertId: string) =>
  await client.send(new PublishCommand({ TopicArn, Subject: alertId, Message: JSON.stringify(sampleAlert({ eventId: alertId }).body) }));

describe("a subscriber process with the public validators", () => {
  it("SHA-256 and SHA-1 signatures: both validators accept the confirmation and the alerts", async () => {
    await using running = await runningEndpoint();
    const { client, endpoint, dataDir } = running;
    const subscriber = await startSubscriber(endpoint.tlsUrl, dataDir);
    await using process = subscriber.process;
    const topicArn = await topic(client);
    await client.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "http", Endpoint: subscriber.url }));
    const [confirmation] = await process.waitFor("SubscriptionConfirmation");
    expect(confirmation).toMatchObject({ signatureVersion: "2", signatures: accepted });

    await publish(client, topicArn, "alert/v2");
    await process.waitFor("Notification", 1);
    await client.send(new SetTopicAttributesCommand({ TopicArn: topicArn, AttributeName: "SignatureVersion", AttributeValue: "1" }));
    await publish(client, topicArn, "alert/v1");
    const alerts = await process.waitFor("Notification", 2);
    expect(alerts).toMatchObject([
      { alertId: "alert/v2", subject: "alert/v2", signatureVersion: "2", signatures: accepted },
      { alertId: "alert/v1", subject: "alert/v1", signatureVersion: "1", signatures: accepted },
    ]);
    expect(process.linesOf("rejected")).toEqual([]);
  });

  it("forged messages: a changed body, another key, another host, no signature; both validators reject each", async () => {
    await using running = await runningEndpoint();
    await using stranger = await runningEndpoint();
    const subscriber = await startSubscriber(running.endpoint.tlsUrl, running.dataDir);
    await using process = subscriber.process;
    const genuine = JSON.parse(await capturedBody(running.client)) as Record<string, string>;
    const foreign = JSON.parse(await capturedBody(stranger.client)) as Record<string, string>;
    const post = async (message: object) => (await fetch(subscriber.url, { method: "POST", body: JSON.stringify(message) })).status;

    expect(await post(genuine)).toBe(200);
    const forged = [
      { ...genuine, Message: (genuine["Message"] ?? "").replace("node-b", "node-c") },
      { ...genuine, Subject: "All is well" },
      { ...genuine, TopicArn: `${genuine["TopicArn"]}x` },
      { ...genuine, SignatureVersion: "1" },
      { ...foreign, SigningCertURL: genuine["SigningCertURL"] },
      { ...foreign, SigningCertURL: stranger.endpoint.tlsUrl + new URL(foreign["SigningCertURL"] ?? "").pathname },
      { ...genuine, SigningCertURL: genuine["SigningCertURL"]?.replace("amazonaws.com", "amazonaws.com.example") },
      { ...genuine, Signature: "" },
    ];
    for (const message of forged) expect(await post(message)).toBe(403);
    expect(process.linesOf("Notification")).toMatchObject([{ alertId: "alert/genuine", signatures: accepted }]);
    const rejections = process.linesOf("rejected").map((line) => line["signatures"]);
    expect(rejections).toHaveLength(forged.length);
    for (const verdicts of rejections) {
      expect(verdicts).toMatchObject({
        snsValidator: expect.stringMatching(/^rejected: /),
        snsPayloadValidator: expect.stringMatching(/^rejected: /),
      });
    }
  });

  it("somebody else's server behind the certificate's name: not trusted, the message rejected", async () => {
    await using running = await runningEndpoint();
    await using stranger = await runningEndpoint();
    const subscriber = await startSubscriber(stranger.endpoint.tlsUrl, running.dataDir);
    await using process = subscriber.process;
    const forged = await capturedBody(stranger.client);
    expect((await fetch(subscriber.url, { method: "POST", body: forged })).status).toBe(403);
    const [rejected] = process.linesOf("rejected");
    expect(Object.values(rejected?.["signatures"] ?? {})).toEqual(Array(2).fill(expect.stringMatching(/certificate/)));
  });

  it("cancelled over its link: the farewell is signed as SNS documents it, which only one of the validators reads right", async () => {
    await using running = await runningEndpoint();
    const subscriber = await startSubscriber(running.endpoint.tlsUrl, running.dataDir);
    await using process = subscriber.process;
    const topicArn = await topic(running.client);
    const command = new SubscribeCommand({ TopicArn: topicArn, Protocol: "http", Endpoint: subscriber.url, ReturnSubscriptionArn: true });
    const { SubscriptionArn = "" } = await running.client.send(command);
    await process.waitFor("SubscriptionConfirmation");
    await fetch(`${running.endpoint.url}/?${new URLSearchParams({ Action: "Unsubscribe", SubscriptionArn }).toString()}`);
    const [farewell] = await process.waitFor("rejected");
    expect(farewell?.["signatures"]).toEqual({
      snsPayloadValidator: "accepted",
      snsValidator: "rejected: The message signature is invalid.",
    });
  });

  it("kill -9 of the endpoint after Publish has answered and before anything is delivered: the alert arrives after the restart", async () => {
    const dataDir = await temporaryFolder();
    try {
      await using first = new ChildLines("test/functions/embedded/sns/endpoint-process.ts", [dataDir, "0", "0"]);
      const [ready] = await first.waitFor("ready");
      const addresses = [String(ready?.["url"]), String(ready?.["tlsUrl"])] as const;
      const [port, tlsPort] = addresses.map((address) => new URL(address).port) as [string, string];
      const client = snsClient(addresses[0]);
      const subscriber = await startSubscriber(addresses[1], dataDir);
      const topicArn = await topic(client);
      await client.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "http", Endpoint: subscriber.url }));
      await subscriber.process.waitFor("SubscriptionConfirmation");
      await subscriber.process.kill();

      await publish(client, topicArn, "alert/survives");
      await first.kill("SIGKILL");
      client.destroy();
      const again = await startSubscriber(addresses[1], dataDir, Number(new URL(subscriber.url).port));
      await using subscriberAgain = again.process;
      expect(subscriberAgain.linesOf("Notification")).toEqual([]);
      await using second = new ChildLines("test/functions/embedded/sns/endpoint-process.ts", [dataDir, port, tlsPort]);
      await second.waitFor("ready");
      expect(await subscriberAgain.waitFor("Notification")).toMatchObject([{ alertId: "alert/survives", signatures: accepted }]);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

/** A genuine notification, as it went over the wire. */
async function capturedBody(client: SNSClient): Promise<string> {
  await using inbox = await HttpInbox.open();
  const topicArn = await topic(client);
  await client.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "http", Endpoint: inbox.url }));
  await inbox.waitFor(1);
  await fetch(inbox.message(0)["SubscribeURL"] ?? "");
  await publish(client, topicArn, "alert/genuine");
  await inbox.waitFor(2);
  return inbox.posts[1]?.body ?? "";
}
