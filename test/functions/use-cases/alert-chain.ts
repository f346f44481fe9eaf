import { rm } from "node:fs/promises";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { type SnsEndpoint, startSnsEndpoint } from "../../../functions/embedded/sns/start-sns-endpoint.ts";
import { takeMessage } from "../../../functions/ingest/take-message.ts";
import { SnsNotifier } from "../../../functions/notify/sns-notifier.ts";
import { subscribeAlerts } from "../../../functions/use-cases/alert-subscriptions.ts";
import { recordPresence } from "../../../functions/use-cases/record-presence.ts";
import { watchPresence } from "../../../functions/use-cases/watch-presence.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { type Alert, alertSchema } from "../../../shared/protocol/alert-schema.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { HttpInbox } from "../embedded/sns/http-inbox.ts";
import { endpointOptions, snsClient, temporaryFolder } from "../embedded/sns/running-endpoint.ts";

/**
 * The whole chain as it runs, but for its clock and the agents: the store on the disk, the SNS endpoint as a server, and subscribers that are HTTP servers. Steps of the control
 * plane can be killed one by one.
 */
export class AlertChain implements AsyncDisposable {
  readonly plane: ControlPlane;
  readonly clusterId: ClusterId;
  readonly customerId: CustomerId;
  readonly nodes: readonly NodeId[];
  readonly inbox: HttpInbox;
  readonly #snsFolder: string;
  #sns: SnsEndpoint;
  readonly #dependencies: Dependencies;
  #killAt: { step: number; when: "before" | "after" } | null = null;
  /** Steps made since the last `killing`. */
  #steps = 0;
  /** What the killed step was; null: it was none. */
  killed: string | null = null;

  private constructor(parts: {
    plane: ControlPlane;
    clusterId: ClusterId;
    customerId: CustomerId;
    nodes: readonly NodeId[];
    inbox: HttpInbox;
    snsFolder: string;
    sns: SnsEndpoint;
  }) {
    this.plane = parts.plane;
    this.clusterId = parts.clusterId;
    this.customerId = parts.customerId;
    this.nodes = parts.nodes;
    this.inbox = parts.inbox;
    this.#snsFolder = parts.snsFolder;
    this.#sns = parts.sns;
    const client = snsClient(parts.sns.url);
    this.#dependencies = {
      ...parts.plane.dependencies,
      notifier: this.#mortal("notifier", new SnsNotifier(client)),
      messenger: this.#mortal("messenger", parts.plane.messages),
      stores: Object.fromEntries(
        Object.entries(parts.plane.dependencies.stores).map(([name, store]) => [name, this.#mortal(name, store as object)]),
      ) as unknown as Dependencies["stores"],
    };
  }

  static async open(nodeCount: number): Promise<AlertChain> {
    const plane = await startControlPlane();
    const clusterId = await newCluster(plane, nodeCount);
    const nodes: NodeId[] = [];
    for (let index = 1; index <= nodeCount; index += 1)
      nodes.push((await enrolled(plane, clusterId, `server-${index}`, 7_000 + 10 * index)).nodeId);
    const cluster = await plane.dependencies.stores.clusters.find(clusterId);
    if (cluster === undefined) throw new Error("the cluster is not in the store");
    const { customerId } = cluster.document;
    const snsFolder = await temporaryFolder();
    const sns = await startSnsEndpoint(endpointOptions(snsFolder));
    const inbox = await HttpInbox.open();
    const chain = new AlertChain({ plane, clusterId, customerId, nodes, inbox, snsFolder, sns });
    await subscribeAlerts(chain.#dependencies, customerId, { protocol: "http", endpoint: inbox.url });
    await inbox.waitFor(1);
    await fetch(inbox.message(0)["SubscribeURL"] ?? "");
    return chain;
  }

  /** The control plane dies at this step of what comes next, counted from 1. */
  killing(step: number, when: "before" | "after"): void {
    this.#steps = 0;
    this.#killAt = { step, when };
    this.killed = null;
  }

  /** It lives on, whatever was to come. */
  sparing(): void {
    this.#killAt = null;
  }

  /** The broker tells of a node's connection, as brokers do: a late word of before, and everything twice. */
  async presence(nodeId: NodeId, connected: boolean, sequence: number): Promise<void> {
    const node = { clusterId: this.clusterId, nodeId };
    for (const told of [
      { connected, sequence },
      { connected: !connected, sequence: sequence - 5 },
      { connected, sequence },
    ]) {
      await this.#untilDone(() => recordPresence(this.#dependencies, node, told));
    }
  }

  /** An agent sends until it has its receipt; every second, a control plane that died is there again, and goes on. */
  async deliver(...events: readonly ClusterEvent[]): Promise<void> {
    for (const event of events) await this.#untilDone(() => this.#send(event));
    await this.pass(0);
  }

  /** So much time, in steps of a few seconds: what is due by then is done. */
  async pass(ms: number, stepMs = 5_000): Promise<void> {
    const untilMs = this.plane.clock.nowMs + ms;
    for (;;) {
      await this.#untilDone(() => watchPresence(this.#dependencies));
      await this.#untilDone(alertsHandler(this.#dependencies));
      if (this.plane.clock.nowMs >= untilMs) return;
      this.plane.clock.nowMs = Math.min(untilMs, this.plane.clock.nowMs + stepMs);
    }
  }

  async endSns(): Promise<void> {
    await this.#sns.close();
  }

  async startSns(): Promise<void> {
    const { url, tlsUrl } = this.#sns;
    const [port, tlsPort] = [url, tlsUrl].map((address) => Number(new URL(address).port)) as [number, number];
    this.#sns = await startSnsEndpoint({ ...endpointOptions(this.#snsFolder), port, tlsPort });
  }

  /** Every alert that the subscriber was sent, repeats too: in the order of their arrival, once `count` have come and no more are on their way. */
  async received(count: number): Promise<readonly Alert[]> {
    await this.inbox.waitFor(count + 1);
    return this.#alerts();
  }

  #alerts(): readonly Alert[] {
    return this.inbox.posts
      .map((_post, index) => this.inbox.message(index))
      .filter(({ Type }) => Type === "Notification")
      .map(({ Message }) => alertSchema.parse(JSON.parse(Message ?? "null")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sns.close();
    await this.inbox[Symbol.asyncDispose]();
    await this.plane.close();
    await rm(this.#snsFolder, { recursive: true });
  }

  async #send(event: ClusterEvent): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ events: [event] }));
    await takeMessage(this.#dependencies, { clusterId: this.clusterId, nodeId: event.reporter }, "events", payload);
  }

  async #untilDone(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        this.plane.clock.nowMs += 1_000;
      }
    }
  }

  /** Each call of a port is a step at which the process may die: just before it, or just after it has worked. */
  #mortal<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method, target);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          this.#steps += 1;
          const dies = this.#killAt?.step === this.#steps ? this.#killAt.when : null;
          if (dies !== null) {
            this.#killAt = null;
            this.killed = `${dies} ${name}.${String(method)}`;
          }
          if (dies === "before") throw new Killed();
          const result: unknown = await Reflect.apply(value, target, args);
          if (dies === "after") throw new Killed();
          return result;
        };
      },
    });
  }
}

class Killed extends Error {
  override readonly name = "Killed";
}
