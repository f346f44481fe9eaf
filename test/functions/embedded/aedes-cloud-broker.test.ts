import type mqtt from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { limits } from "../../../shared/config/limits.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import { newIdentity } from "../control-plane.ts";
import { closed, outcome, type RunningBroker, runningBroker } from "./running-broker.ts";

/** Two clusters of two nodes. */
let running: RunningBroker;
beforeAll(async () => {
  running = await runningBroker("AB");
});
afterEach(async () => running.tidy());
afterAll(async () => running.close());

describe("broker: who gets in", () => {
  it.each<[string, () => Promise<mqtt.IClientOptions>, string]>([
    ["without a certificate", async () => ({ cert: "", key: "" }), "no certificate"],
    [
      "with a certificate that was never enrolled",
      async () => ({ cert: (await newIdentityPem()).cert, key: lastKey }),
      "belongs to no node",
    ],
    ["with another node's id", async () => ({ clientId: running.member("A2").nodeId }), "client id must be"],
    [
      "with another tenant's certificate",
      async () => ({ cert: running.member("B1").identity.certificatePem, key: running.member("B1").identity.keyPem }),
      "client id must be",
    ],
    [
      "with a will",
      async () => ({
        will: { topic: cloudTopics.events(running.member("A1").clusterId, running.member("A1").nodeId), payload: Buffer.from("x") },
      }),
      "a will",
    ],
    ["with a session that would outlast the connection", async () => ({ clean: false }), "a session"],
    ["without a keepalive", async () => ({ keepalive: 0 }), "keep alive"],
    ["with a client id of more than 128 bytes", async () => ({ clientId: "x".repeat(129) }), "client id"],
  ])("%s: refused, and the log says why", async (_situation, options, reason) => {
    expect(await outcome(running.connect(running.member("A1"), await options()))).toBe("refused");
    await expect.poll(() => running.logged.join("\n")).toContain(reason);
  });

  it("a removed node is disconnected with the new document, and stays out", async () => {
    const node = running.member("A2");
    const client = await running.connected(node);
    const gone = closed(client);
    running.enrolled.delete(node.identity.certificateSha256);
    await running.broker.publishDocument(node.clusterId, "newer");
    await gone;
    expect(await outcome(running.connect(node))).toBe("refused");
    running.enrolled.set(node.identity.certificateSha256, node);
  });

  it("a cluster that was removed: its nodes are disconnected without a word, and no document is left for whoever comes", async () => {
    const node = running.member("A2");
    const other = await running.connected(running.member("B1"));
    await running.broker.publishDocument(node.clusterId, "last");
    const client = await running.connected(node);
    const seen: string[] = [];
    client.on("message", (_topic, payload) => seen.push(payload.toString()));
    await client.subscribeAsync(cloudTopics.document(node.clusterId), { qos: 1 });
    await expect.poll(() => seen).toEqual(['{"document":"last"}']);
    const gone = closed(client);
    running.enrolled.delete(node.identity.certificateSha256);
    await running.broker.retire(node.clusterId);
    await gone;
    expect([seen.length, other.connected]).toEqual([1, true]);
    expect(await outcome(running.connect(node))).toBe("refused");
    running.enrolled.set(node.identity.certificateSha256, node);
    const again = await running.connected(node);
    again.on("message", (_topic, payload) => seen.push(payload.toString()));
    await again.subscribeAsync(cloudTopics.document(node.clusterId), { qos: 1 });
    await running.broker.publishDocument(node.clusterId, "newer");
    await expect.poll(() => seen).toEqual(['{"document":"last"}', '{"document":"newer"}']);
  });

  it("coming and going is told in order, and a newer connection of a node replaces the older", async () => {
    const node = running.member("A1");
    const first = await running.connected(node);
    const second = await running.connected(node);
    await expect.poll(() => first.connected).toBe(false);
    await expect.poll(() => running.presence.at(-1)).toBe(`${node.nodeId} came`);
    await second.endAsync();
    await expect.poll(() => running.presence).toEqual(["came", "went", "came", "went"].map((what) => `${node.nodeId} ${what}`));
  });
});

let lastKey = "";
async function newIdentityPem(): Promise<{ cert: string }> {
  const identity = await newIdentity();
  lastKey = identity.keyPem;
  return { cert: identity.certificatePem };
}

describe("broker: what gets through", () => {
  it("the retained document reaches a node that subscribes later, and each change", async () => {
    const node = running.member("A1");
    await running.broker.publishDocument(node.clusterId, "first");
    const client = await running.connected(node);
    const seen: string[] = [];
    client.on("message", (_topic, payload) => seen.push(payload.toString()));
    await client.subscribeAsync(cloudTopics.document(node.clusterId), { qos: 1 });
    await expect.poll(() => seen).toEqual(['{"document":"first"}']);
    await running.broker.publishDocument(node.clusterId, "second");
    await expect.poll(() => seen).toEqual(['{"document":"first"}', '{"document":"second"}']);
  });

  it("an event batch of 128 KiB goes through; one byte more disconnects", async () => {
    const node = running.member("A1");
    const topic = cloudTopics.events(node.clusterId, node.nodeId);
    const client = await running.connected(node);
    await client.publishAsync(topic, "x".repeat(limits.cloudMessageBytesMax), { qos: 1 });
    await expect.poll(() => running.received.length).toBe(1);
    const gone = closed(client);
    client.publish(topic, "x".repeat(limits.cloudMessageBytesMax + 1), { qos: 1 });
    await gone;
    expect(running.received).toHaveLength(1);
  });

  it.each<[string, mqtt.IClientPublishOptions]>([
    ["QoS 2", { qos: 2 }],
    ["a retained message", { qos: 1, retain: true }],
  ])("%s of a node disconnects it", async (_kind, options) => {
    const node = running.member("A1");
    const client = await running.connected(node);
    const gone = closed(client);
    client.publish(cloudTopics.events(node.clusterId, node.nodeId), "x", options);
    await gone;
    expect(running.received).toEqual([]);
  });
});
