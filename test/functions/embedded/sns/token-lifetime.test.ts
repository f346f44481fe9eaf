import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerRequest } from "../../../../functions/embedded/sns/answer-request.ts";
import { DeliveryTable } from "../../../../functions/embedded/sns/delivery-table.ts";
import type { EndpointContext } from "../../../../functions/embedded/sns/endpoint-context.ts";
import { PublishedTable } from "../../../../functions/embedded/sns/published-table.ts";
import { QueryRequest } from "../../../../functions/embedded/sns/query-request.ts";
import { openSnsDatabase } from "../../../../functions/embedded/sns/sns-database.ts";
import { SubscriberNetworks } from "../../../../functions/embedded/sns/subscriber-networks.ts";
import { SubscriptionTable } from "../../../../functions/embedded/sns/subscription-table.ts";
import { TopicTable } from "../../../../functions/embedded/sns/topic-table.ts";
import { temporaryFolder } from "./running-endpoint.ts";

const dayMs = 24 * 60 * 60_000;
const topicArn = "arn:aws:sns:eu-central-1:123456789012:alerts";

let dataDir: string;
let context: EndpointContext;
let clockMs: number;
beforeEach(async () => {
  dataDir = await temporaryFolder();
  clockMs = Date.parse("2026-11-21T10:00:00Z");
  const db = openSnsDatabase(dataDir);
  context = {
    db,
    topics: new TopicTable(db),
    subscriptions: new SubscriptionTable(db),
    deliveries: new DeliveryTable(db),
    published: new PublishedTable(db),
    deduplicateBy: null,
    region: "eu-central-1",
    accountId: "123456789012",
    emailEnabled: false,
    networks: new SubscriberNetworks(["127.0.0.0/8"]),
    nowMs: () => clockMs,
    wake: () => undefined,
  };
  call({ Action: "CreateTopic", Name: "alerts" });
});
afterEach(async () => {
  context.db.close();
  await rm(dataDir, { recursive: true });
});

const call = (parameters: Record<string, string>) =>
  answerRequest(QueryRequest.parse(new URLSearchParams(parameters).toString()), context, "signed", "id");
const subscribe = () => call({ Action: "Subscribe", TopicArn: topicArn, Protocol: "http", Endpoint: "http://127.0.0.1:9/" });
const token = () => context.deliveries.nextDue(clockMs, [])?.token ?? "";
const confirm = (Token: string) => call({ Action: "ConfirmSubscription", TopicArn: topicArn, Token });

describe("SNS endpoint: a subscription's token", () => {
  it("after three days: no longer confirms", () => {
    subscribe();
    const sent = token();
    clockMs += 3 * dayMs;
    expect(() => confirm(sent)).toThrow("unknown or expired; subscribe again");
  });

  it("just before: still does", () => {
    subscribe();
    const sent = token();
    clockMs += 3 * dayMs - 1;
    expect(confirm(sent)).toContain(topicArn);
    expect(context.subscriptions.counts(topicArn)).toEqual({ pending: 0, confirmed: 1, deleted: 0 });
  });

  it("subscribed again while pending: one confirmation on its way, and the token of the first still counts, three days from now", () => {
    subscribe();
    const sent = token();
    clockMs += 2 * dayMs;
    subscribe();
    expect(token()).toBe(sent);
    clockMs += 2 * dayMs;
    expect(confirm(sent)).toContain(topicArn);
    expect(context.subscriptions.counts(topicArn)).toEqual({ pending: 0, confirmed: 1, deleted: 0 });
  });

  it("never confirmed: forgotten with its messages; a confirmed one is kept", () => {
    subscribe();
    clockMs += 3 * dayMs;
    expect(context.subscriptions.purgeLapsed(clockMs)).toBe(1);
    expect(context.db.prepare("SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM messages) AS kept").get()).toEqual({
      kept: 0,
    });
    subscribe();
    confirm(token());
    clockMs += 30 * dayMs;
    expect(context.subscriptions.purgeLapsed(clockMs)).toBe(0);
  });
});
