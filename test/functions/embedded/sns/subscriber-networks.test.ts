import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { triggerSettingsSchema } from "../../../../agent/config/trigger-settings.ts";
import { webhookProblem } from "../../../../agent/triggers/actions/webhook-action.ts";
import { deliverOverHttp } from "../../../../functions/embedded/sns/http-delivery.ts";
import { SubscriberNetworks } from "../../../../functions/embedded/sns/subscriber-networks.ts";
import { isPublicAddress } from "../../../../shared/domain/membership/address-scope.ts";
import { parseIpAddress } from "../../../../shared/domain/membership/ip-address.ts";
import { putTriggerSchema } from "../../../../shared/protocol/trigger-schema.ts";
import { hostileUrls } from "./hostile-urls.ts";
import { HttpInbox } from "./http-inbox.ts";
import { runningEndpoint } from "./running-endpoint.ts";

let canary: Server;
let touched = 0;
let urls: readonly string[] = [];

beforeAll(async () => {
  canary = createServer((socket) => {
    touched += 1;
    socket.destroy();
  });
  // On every address of this machine, of both families.
  await once(canary.listen(0), "listening");
  urls = hostileUrls((canary.address() as AddressInfo).port);
});
afterAll(() => void canary.close());

const identity = { privateKey: {} as never, certificateUrl: "https://sns.eu-central-1.amazonaws.com/x.pem" };
const sentTo = (endpoint: string, networks: SubscriberNetworks): Promise<string> => {
  const message = { type: "Notification", messageId: "m", bodies: { default: "text" }, subject: null, attributes: {}, publishedAtMs: 0 };
  const about = {
    deliveryId: 1,
    failures: 0,
    lastError: null,
    deadAtMs: null,
    topicArn: "arn",
    topicDisplayName: "",
    signatureVersion: "2",
  };
  const to = { subscriptionArn: "arn:1", protocol: "http", endpoint, rawDelivery: true, token: "t" };
  return deliverOverHttp(
    { ...about, ...to, message } as never,
    { identity, publicUrl: "http://x", networks },
    AbortSignal.timeout(5_000),
  ).then(
    () => "sent",
    (error: Error) => error.message,
  );
};

describe("SNS endpoint: where it connects to", () => {
  it("over 200 spellings of what is not the internet: none is taken as a subscriber's address but names, and no connection is made", async () => {
    await using running = await runningEndpoint({ subscriberNetworks: [], retry: { attemptsMax: 1, firstDelayMs: 5, delayMsMax: 5 } });
    const { TopicArn } = await running.client.send(new CreateTopicCommand({ Name: "alerts" }));
    expect(urls.length).toBeGreaterThan(200);
    const taken: string[] = [];
    for (const Endpoint of urls) {
      const subscribing = running.client.send(
        new SubscribeCommand({ TopicArn, Protocol: Endpoint.startsWith("https") ? "https" : "http", Endpoint }),
      );
      await subscribing.then(
        () => taken.push(Endpoint),
        (error: Error) => expect(error.name, Endpoint).toMatch(/^InvalidParameter/),
      );
    }
    expect(
      taken.every((url) => /localhost/i.test(new URL(url).hostname)),
      taken.join(" "),
    ).toBe(true);
    // What was taken is to be asked to confirm: at the connection the name leads nowhere.
    await expect.poll(() => running.endpoint.deadLetters().length).toBe(taken.length);
    for (const { reason } of running.endpoint.deadLetters()) expect(reason).toMatch(/is not on the internet|ENOTFOUND|EAI_AGAIN/);
    expect(touched).toBe(0);
  });

  it("what stands in the queue already is sent to none of them either", async () => {
    const networks = new SubscriberNetworks([]);
    for (const url of urls.filter((text) => /^http/i.test(text) && URL.canParse(text))) {
      expect(await sentTo(url, networks), url).toMatch(/is not on the internet|is none of a web server|ENOTFOUND|EAI_AGAIN/);
    }
    expect(touched).toBe(0);
  });

  it("a name that leads elsewhere the next moment: what was checked is what is connected to", async () => {
    await using inbox = await HttpInbox.open();
    const port = Number(new URL(inbox.url).port);
    const answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2", "127.0.0.1"]];
    let asked = 0;
    const networks = new SubscriberNetworks(["127.0.0.1/32"], (_name, done) => {
      const addresses = answers[asked] ?? [];
      asked += 1;
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    });
    const url = `http://rebound.example:${port}/inbox`;
    expect(await sentTo(url, networks)).toBe("sent");
    expect(await sentTo(url, networks)).toMatch(/127\.0\.0\.2 is not on the internet.*--subscriber-network/);
    expect(await sentTo(url, networks)).toBe("sent");
    expect([asked, inbox.posts.length]).toEqual([3, 2]);
  });

  it("loopback: only where whoever runs the control plane has named it; a redirect there is not followed", async () => {
    await using redirecting = await HttpInbox.open((response) => response.writeHead(302, { location: urls[0] ?? "" }).end());
    expect(await sentTo(redirecting.url, new SubscriberNetworks([]))).toMatch(/not on the internet/);
    expect(await sentTo(redirecting.url, new SubscriberNetworks(["127.0.0.0/8"]))).toBe("answered HTTP status 302");
    expect([redirecting.posts.length, touched]).toEqual([1, 0]);
    expect(() => new SubscriberNetworks(["everywhere"])).toThrow(/is no network/);
  });

  it("an agent sends a webhook to none of them", () => {
    const settings = triggerSettingsSchema.parse({ webhookHosts: { "hooks.example.com": {} } });
    const offered = [
      ...urls,
      "http://hooks.example.com.evil.example/",
      "http://hooks.example.com%2eevil.example/",
      "http://evil.example/#hooks.example.com",
    ];
    const allowed = offered.filter((url) => {
      const trigger = putTriggerSchema.safeParse({ source: { kind: "webhook" }, actions: [{ kind: "webhook", name: "x", url }] });
      const [action] = trigger.success ? trigger.data.actions : [];
      return action?.kind === "webhook" && webhookProblem(action, settings) === null;
    });
    expect(allowed).toEqual([]);
  });

  it("the internet's own addresses are allowed", () => {
    for (const text of ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:82a::200e"]) {
      const address = parseIpAddress(text);
      expect(address !== null && isPublicAddress(address), text).toBe(true);
    }
  });
});
