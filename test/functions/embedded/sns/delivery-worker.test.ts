import { rm } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Delivery, DeliveryTable } from "../../../../functions/embedded/sns/delivery-table.ts";
import { DeliveryWorker } from "../../../../functions/embedded/sns/delivery-worker.ts";
import { defaultRetry } from "../../../../functions/embedded/sns/retry-schedule.ts";
import { openSnsDatabase } from "../../../../functions/embedded/sns/sns-database.ts";
import { SubscriptionTable } from "../../../../functions/embedded/sns/subscription-table.ts";
import { TopicTable } from "../../../../functions/embedded/sns/topic-table.ts";
import { temporaryFolder } from "./running-endpoint.ts";

const topicArn = "arn:aws:sns:eu-central-1:123456789012:alerts";
const minuteMs = 60_000;

let dataDir: string;
let db: DatabaseSync;
let deliveries: DeliveryTable;
let worker: DeliveryWorker;
/** The real queue and the real schedule; the clock, chance and the subscribers are the test's. */
let reachable: boolean;
let attempts: { readonly messageId: string; readonly atMs: number; readonly ok: boolean }[];

beforeEach(async () => {
  dataDir = await temporaryFolder();
  vi.useFakeTimers({ now: 0 });
  db = openSnsDatabase(dataDir);
  deliveries = new DeliveryTable(db);
  new TopicTable(db).put({ topicArn, displayName: "", signatureVersion: "2" });
  new SubscriptionTable(db).put({
    subscriptionArn: "subscriber",
    topicArn,
    protocol: "http",
    endpoint: "http://subscriber.example/",
    filterPolicy: null,
    rawDelivery: false,
    state: "confirmed",
    token: "",
    tokenExpiresAtMs: 0,
    unsubscribeNeedsSignature: false,
  });
  reachable = true;
  attempts = [];
  const send = async ({ message }: Delivery) => {
    attempts.push({ messageId: message.messageId, atMs: Date.now(), ok: reachable });
    if (!reachable) throw new Error("down");
  };
  const log = pino({ level: "silent" });
  worker = new DeliveryWorker({ deliveries, send, retry: defaultRetry, nowMs: Date.now, chance: () => 0.999_999, log });
});
afterEach(async () => {
  await worker.close();
  vi.useRealTimers();
  db.close();
  await rm(dataDir, { recursive: true });
});

function publish(messageId: string): void {
  const message = {
    messageId,
    type: "Notification",
    subject: null,
    bodies: { default: "x" },
    attributes: {},
    publishedAtMs: Date.now(),
  } as const;
  deliveries.enqueue(message, ["subscriber"]);
  worker.wake();
}

const delivered = () => attempts.filter((attempt) => attempt.ok).map((attempt) => attempt.messageId);

describe("delivery worker", () => {
  it("a subscriber that is down: tried after 1, 2, 4, ... seconds, then every minute", async () => {
    reachable = false;
    publish("a");
    await vi.advanceTimersByTimeAsync(5 * minuteMs);
    expect(attempts.map((attempt) => attempt.atMs / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it("away for ten minutes: everything within a minute of its return, each once, the rest at once after the first", async () => {
    reachable = false;
    for (const messageId of ["a", "b", "c"]) {
      publish(messageId);
      await vi.advanceTimersByTimeAsync(7_000);
    }
    await vi.advanceTimersByTimeAsync(10 * minuteMs);
    reachable = true;
    const backAtMs = Date.now();
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(delivered().toSorted()).toEqual(["a", "b", "c"]);
    const times = attempts.filter((attempt) => attempt.ok).map((attempt) => attempt.atMs);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(10);
    expect(Math.max(...times) - backAtMs).toBeLessThanOrEqual(minuteMs);
    await vi.advanceTimersByTimeAsync(60 * minuteMs);
    expect(delivered()).toHaveLength(3);
  });

  it("down for good: a dead letter after the last attempt, and then quiet", async () => {
    reachable = false;
    publish("a");
    await vi.advanceTimersByTimeAsync(24 * 60 * minuteMs);
    expect(attempts).toHaveLength(defaultRetry.attemptsMax);
    expect(deliveries.dead(0, null, 10)).toMatchObject([{ failures: defaultRetry.attemptsMax, lastError: "down" }]);
  });

  it("a queue that cannot be written after a success: told again, not lost, and no hot loop", async () => {
    const settle = vi.spyOn(deliveries, "settle").mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    publish("a");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(attempts.map((attempt) => attempt.atMs)).toEqual([0, 1_000]);
    expect(settle).toHaveBeenCalledTimes(2);
    expect(deliveries.nextDueAtMs([])).toBeNull();
  });
});
