import { describe, expect, it } from "vitest";
import type { Notifier, NotifierError } from "../../functions/notify/notifier.ts";
import { alertSchema } from "../../shared/protocol/alert-schema.ts";
import type { Verdicts } from "../demo/message-verifier.ts";
import { HttpInbox } from "../functions/embedded/sns/http-inbox.ts";
import { customerId, sampleAlert } from "../functions/notify/sample-alert.ts";

export interface RunningNotifier extends AsyncDisposable {
  readonly notifier: Notifier;
  /** What the two public validators say of a message that was delivered, trusting what its subscribers would trust. */
  readonly verdicts: (body: string) => Promise<Verdicts>;
}

const accepted: Verdicts = { snsValidator: "accepted", snsPayloadValidator: "accepted" };

/** What every notifier does, whatever it is made of. */
export function describeNotifier(name: string, start: () => Promise<RunningNotifier>): void {
  describe(`notifier: ${name}`, () => {
    it("the same customer twice: one topic", async () => {
      await using running = await start();
      const first = await running.notifier.ensureTopic(customerId);
      expect(await running.notifier.ensureTopic(customerId)).toBe(first);
    });

    it("a subscription that is not confirmed: nothing is delivered to it, and the list says that it is pending", async () => {
      await using running = await start();
      await using inbox = await HttpInbox.open();
      await using confirmed = await HttpInbox.open();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      const subscribed = await notifier.subscribe(topic, { protocol: "http", endpoint: inbox.url });
      expect(subscribed.state).toBe("pending-confirmation");
      await subscribeAndConfirm(notifier, topic, confirmed);
      await inbox.waitFor(1);
      await notifier.publish(topic, sampleAlert());
      await confirmed.waitFor(2);
      await confirm(inbox);
      await notifier.publish(topic, sampleAlert({ eventId: "after-confirmation" }));
      await inbox.waitFor(2);
      expect(inbox.posts.map((post) => post.headers["x-amz-sns-message-type"])).toEqual(["SubscriptionConfirmation", "Notification"]);
      expect(alertOf(inbox, 1).alertId).toBe("after-confirmation");
    });

    it("a confirmed subscription: gets the alert as the published schema has it, and is listed with its id", async () => {
      await using running = await start();
      await using inbox = await HttpInbox.open();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      const subscriptionId = await subscribeAndConfirm(notifier, topic, inbox);
      const alert = sampleAlert();
      const { messageId } = await notifier.publish(topic, alert);
      await inbox.waitFor(2);
      expect(alertOf(inbox, 1)).toEqual(alert.body);
      expect(inbox.message(1)).toMatchObject({ MessageId: messageId, Subject: alert.subject, TopicArn: topic, SignatureVersion: "2" });
      expect(await notifier.subscriptions(topic)).toEqual([{ subscriptionId, protocol: "http", endpoint: inbox.url, state: "confirmed" }]);
    });

    it("whatever is delivered: both public validators accept it, and neither does once a character is another", async () => {
      await using running = await start();
      await using inbox = await HttpInbox.open();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      await subscribeAndConfirm(notifier, topic, inbox);
      const plain = sampleAlert();
      const awkward = sampleAlert({ eventId: "awkward", names: { clusterName: 'Empfang "Süd" ☎ \\ \u{1F514} <&>' } });
      const alerts = [plain, awkward];
      for (const alert of alerts) await notifier.publish(topic, alert);
      const posts = await inbox.waitFor(1 + alerts.length);
      for (const post of posts) {
        expect(await running.verdicts(post.body)).toEqual(accepted);
        const forged = JSON.stringify({ ...JSON.parse(post.body), Message: `${JSON.parse(post.body).Message}.` });
        for (const verdict of Object.values(await running.verdicts(forged))) expect(verdict).toMatch(/^rejected/);
      }
    });

    it("subscribing a confirmed endpoint again: the same subscription, still confirmed", async () => {
      await using running = await start();
      await using inbox = await HttpInbox.open();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      const subscriptionId = await subscribeAndConfirm(notifier, topic, inbox);
      const again = await notifier.subscribe(topic, { protocol: "http", endpoint: inbox.url });
      expect(again).toEqual({ subscriptionId, state: "confirmed" });
    });

    it("unsubscribing: gone from the list, harmless twice; refused while pending", async () => {
      await using running = await start();
      await using inbox = await HttpInbox.open();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      const subscriptionId = await subscribeAndConfirm(notifier, topic, inbox);
      await notifier.unsubscribe(subscriptionId);
      await notifier.unsubscribe(subscriptionId);
      expect(await notifier.subscriptions(topic)).toEqual([]);

      const pending = await notifier.subscribe(topic, { protocol: "http", endpoint: inbox.url });
      await expect(notifier.unsubscribe(pending.subscriptionId)).rejects.toMatchObject({ code: "subscription-pending", retryable: false });
      expect(await notifier.subscriptions(topic)).toEqual([
        { subscriptionId: null, protocol: "http", endpoint: inbox.url, state: "pending-confirmation" },
      ]);
    });

    it("a customer's topics are removed with their subscriptions, and made anew they are empty; harmless twice, and where there are none", async () => {
      await using running = await start();
      const { notifier } = running;
      const endpoint = "http://127.0.0.1:9/";
      for (const level of ["first", "escalation"] as const)
        await notifier.subscribe(await notifier.ensureTopic(customerId, level), { protocol: "http", endpoint });
      const topic = await notifier.ensureTopic(customerId);
      await notifier.removeTopics(customerId);
      await expect(notifier.subscriptions(topic)).rejects.toMatchObject({ code: "not-found" });
      await notifier.removeTopics(customerId);
      for (const level of ["first", "escalation"] as const)
        expect(await notifier.subscriptions(await notifier.ensureTopic(customerId, level))).toEqual([]);
    });

    it("more subscriptions than a page holds: all are listed", async () => {
      await using running = await start();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      // Port 9 (discard) has no listener on loopback: the confirmations fail, and stay pending.
      const endpoints = Array.from({ length: 103 }, (_, index) => `http://127.0.0.1:9/${index}`);
      for (const endpoint of endpoints) await notifier.subscribe(topic, { protocol: "http", endpoint });
      const listed = await notifier.subscriptions(topic);
      expect(listed.map((subscription) => subscription.endpoint).toSorted()).toEqual(endpoints.toSorted());
    });

    it("a topic that is not there, an endpoint that is none: the code says which", async () => {
      await using running = await start();
      const { notifier } = running;
      const topic = await notifier.ensureTopic(customerId);
      const unknown = topic.replace(customerId, "cust_99999999999999999999");
      const endpoint = "http://127.0.0.1:9/";
      const failures: readonly [Promise<unknown>, NotifierError["code"]][] = [
        [notifier.publish(unknown, sampleAlert()), "not-found"],
        [notifier.subscriptions(unknown), "not-found"],
        [notifier.subscribe(unknown, { protocol: "http", endpoint }), "not-found"],
        [notifier.subscribe(topic, { protocol: "https", endpoint }), "refused"],
        [notifier.subscribe(topic, { protocol: "http", endpoint: "http://user:password@127.0.0.1/" }), "refused"],
        [notifier.unsubscribe("not-an-arn"), "refused"],
      ];
      for (const [failure, code] of failures)
        await expect(failure).rejects.toMatchObject({ name: "NotifierError", code, retryable: false });
    });
  });
}

async function subscribeAndConfirm(notifier: Notifier, topic: string, inbox: HttpInbox): Promise<string> {
  const { subscriptionId } = await notifier.subscribe(topic, { protocol: "http", endpoint: inbox.url });
  await inbox.waitFor(1);
  await confirm(inbox);
  return subscriptionId;
}

async function confirm(inbox: HttpInbox): Promise<void> {
  const answer = await fetch(inbox.message(0)["SubscribeURL"] ?? "");
  expect(answer.status).toBe(200);
}

function alertOf(inbox: HttpInbox, index: number) {
  return alertSchema.parse(JSON.parse(inbox.message(index)["Message"] ?? "null"));
}
