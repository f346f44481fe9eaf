import { connect, type MqttClient } from "mqtt";
import { eventReceiptSchema } from "../../../shared/protocol/cloud-messages.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";
import type { Fleet, FleetNode } from "./fleet-seed.ts";
import { messageOf, sampleEvent } from "./node-messages.ts";

/** Handshakes under way at once: agents come back with jitter. */
const connectingAtOnce = 50;
const connectTimeoutMs = 60_000;

/** The agents of a whole fleet in this process: a connection with mutual TLS for each, and what they say over it. Times in milliseconds. */
export class FleetLoad {
  readonly #nodes: readonly FleetNode[];
  readonly #clients: readonly MqttClient[];
  /** When each event was sent that has no receipt yet. */
  readonly #waiting = new Map<string, number>();
  readonly #receiptMs: number[] = [];
  #events = 0;
  #lost = 0;

  private constructor(nodes: readonly FleetNode[], clients: readonly MqttClient[]) {
    this.#nodes = nodes;
    this.#clients = clients;
    for (const client of clients) {
      client.on("close", () => (this.#lost += 1));
      client.on("message", (topic, payload) => {
        if (topic.endsWith("/receipts")) this.#takeReceipt(payload);
      });
    }
  }

  /** Connects them all, and resolves when each has its subscriptions. Rejects with the first that does not get in. */
  static async connect(
    { nodes, keyPem }: Fleet,
    place: { readonly url: string; readonly caPem: string },
    onProgress: (connected: number) => void,
  ) {
    const clients: MqttClient[] = [];
    const left = [...nodes.entries()];
    let count = 0;
    const connectOne = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [index, node] = next;
        clients[index] = await connected(node, { ...place, keyPem });
        onProgress((count += 1));
      }
    };
    await Promise.all(Array.from({ length: connectingAtOnce }, connectOne));
    return new FleetLoad(nodes, clients);
  }

  /** Connections that have ended. */
  get lost(): number {
    return this.#lost;
  }

  /** From an event's publication to its receipt, of those that have one. */
  get receiptMs(): readonly number[] {
    return this.#receiptMs;
  }

  get eventsWithoutReceipt(): number {
    return this.#waiting.size;
  }

  /** Resolves when the broker has taken it in; with how long that took. */
  async report(index: number): Promise<number> {
    const { node, client } = this.#at(index);
    const message = messageOf.report(node, 0);
    const startedMs = performance.now();
    await client.publishAsync(cloudTopics.report(node.clusterId, node.nodeId), message, { qos: 1 });
    return performance.now() - startedMs;
  }

  /** One that people may read: like most. */
  async event(index: number): Promise<void> {
    const { node, client } = this.#at(index);
    this.#events += 1;
    const event = sampleEvent(node, this.#events);
    this.#waiting.set(event.eventId, performance.now());
    await client.publishAsync(cloudTopics.events(node.clusterId, node.nodeId), JSON.stringify({ events: [event] }), { qos: 1 });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
  }

  #at(index: number): { readonly node: FleetNode; readonly client: MqttClient } {
    const [node, client] = [this.#nodes[index % this.#nodes.length], this.#clients[index % this.#clients.length]];
    if (node === undefined || client === undefined) throw new Error("the fleet has no nodes");
    return { node, client };
  }

  #takeReceipt(payload: Buffer): void {
    for (const eventId of eventReceiptSchema.parse(JSON.parse(payload.toString("utf8"))).stored) {
      const sentMs = this.#waiting.get(eventId);
      if (sentMs !== undefined) this.#receiptMs.push(performance.now() - sentMs);
      this.#waiting.delete(eventId);
    }
  }
}

async function connected(
  { clusterId, nodeId, certificatePem }: FleetNode,
  { url, caPem, keyPem }: { readonly url: string; readonly caPem: string; readonly keyPem: string },
): Promise<MqttClient> {
  const client = connect(url, {
    clientId: nodeId,
    key: keyPem,
    cert: certificatePem,
    ca: caPem,
    clean: true,
    keepalive: 30,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.once("connect", () => resolve());
  client.once("close", () => reject(new Error(`node ${nodeId} was refused, or not answered within ${connectTimeoutMs / 1_000} s`)));
  client.on("error", (error) => reject(error));
  await promise;
  await client.subscribeAsync([cloudTopics.document(clusterId), cloudTopics.receipts(clusterId, nodeId)], { qos: 1 });
  return client;
}
