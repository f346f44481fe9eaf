import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { describe, expect, it, vi } from "vitest";
import { openSnsDatabase } from "../../../../functions/embedded/sns/sns-database.ts";
import { HttpInbox } from "./http-inbox.ts";
import { runningEndpoint, temporaryFolder } from "./running-endpoint.ts";

const named = (alertId: string) => ({ MessageAttributes: { alertId: { DataType: "String", StringValue: alertId } } });

describe("SNS endpoint: a message that was published before", () => {
  it("same name and same content: answered with the first one's id, and sent to nobody again; other content, name or topic is another message", async () => {
    await using running = await runningEndpoint({ deduplicateBy: "alertId" });
    await using inbox = await HttpInbox.open();
    const { client, endpoint } = running;
    const topic = async (Name: string) => (await client.send(new CreateTopicCommand({ Name }))).TopicArn ?? "";
    const [alerts, others] = [await topic("alerts"), await topic("others")];
    for (const TopicArn of [alerts, others]) {
      const posts = inbox.posts.length;
      await client.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url }));
      await inbox.waitFor(posts + 1);
      await fetch(inbox.message(posts)["SubscribeURL"] ?? "");
    }
    const publish = async (TopicArn: string, Message: string, name: object) =>
      (await client.send(new PublishCommand({ TopicArn, Message, ...name }))).MessageId ?? "";

    const first = await publish(alerts, "fire", named("one"));
    expect(await publish(alerts, "fire", named("one"))).toBe(first);
    const entries = [{ Id: "again", Message: "fire", ...named("one") }];
    const batch = await client.send(new PublishBatchCommand({ TopicArn: alerts, PublishBatchRequestEntries: entries }));
    expect(batch.Successful).toEqual([{ Id: "again", MessageId: first }]);
    const more = [
      await publish(alerts, "flood", named("one")),
      await publish(alerts, "fire", named("two")),
      await publish(others, "fire", named("one")),
      await publish(alerts, "fire", {}),
      await publish(alerts, "fire", {}),
    ];
    await vi.waitUntil(() => [first, ...more].every((id) => endpoint.reports(id)[0]?.state === "delivered"), { interval: 5 });
    expect(inbox.posts.length - 2).toBe(1 + more.length);
    expect(endpoint.reports(first)).toEqual([
      {
        messageId: first,
        topicArn: alerts,
        protocol: "http",
        endpoint: inbox.url,
        state: "delivered",
        attempts: 1,
        lastFailure: null,
        deliveredAtMs: expect.any(Number),
      },
    ]);
  });

  it("a data directory of the version that remembered nothing: opened, with what waits in it", async () => {
    const folder = await temporaryFolder();
    openSnsDatabase(folder).close();
    const path = join(folder, "sns.sqlite");
    const before = new DatabaseSync(path);
    before.exec("DROP TABLE published; DROP TABLE delivered; PRAGMA user_version = 1; INSERT INTO topics VALUES ('arn', '', '2')");
    before.close();
    const opened = openSnsDatabase(folder);
    expect(opened.prepare("SELECT count(*) AS topics FROM topics").get()).toEqual({ topics: 1 });
    expect(opened.prepare("SELECT count(*) AS names FROM published").get()).toEqual({ names: 0 });
    opened.close();
    await rm(folder, { recursive: true });
  });
});
