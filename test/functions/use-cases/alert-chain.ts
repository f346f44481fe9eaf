import { rm } from "node:fs/promises";
import { alertsHandler } from "../../../functions/alerts/handler.ts";
import type { Dependencies } from "../../../functions/dependencies.ts";
import { type SnsEndpoint, startSnsEndpoint } from "../../../functions/embedded/sns/start-sns-endpoint.ts";
import { takeMessage } from "../../../functions/ingest/take-message.ts";
import { alertIdAttribute, SnsNotifier } from "../../../functions/notify/sns-notifier.ts";
import { recordPresence } from "../../../functions/use-cases/record-presence.ts";
import { watchPresence } from "../../../functions/use-cases/watch-presence.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterEvent } from "../../../shared/domain/monitoring/cluster-event.ts";
import { type ControlPlane, enrolled, newCluster, startControlPlane } from "../control-plane.ts";
import { endpointOptions, snsClient, temporaryFolder } from "../embedded/sns/running-endpoint.ts";
import { AlertSubscribers } from "./alert-subscribers.ts";
import { Killed, type PortFaults } from "./port-faults.ts";

/**
 * The whole chain as it runs, but for its clock and the agents: the store on the disk, the SNS endpoint as a server, and subscribers that are HTTP servers. Steps of the control
 * plane can be killed, and its calls of SNS fail.
 */
export class AlertChain implements AsyncDisposable {
  readonly plane: ControlPlane;
  readonly clusterId: ClusterId;
  readonly customerId: CustomerId;
  readonly nodes: readonly NodeId[];
  readonly subscribers: AlertSubscribers;
  readonly dependencies: Dependencies;
  readonly #snsFolder: string;
  #sns: SnsEndpoint;

  private constructor(parts: {
    plane: ControlPlane;
    clusterId: ClusterId;
    customerId: CustomerId;
    nodes: readonly NodeId[];
    subscribers: AlertSubscribers;
    dependencies: Dependencies;
    snsFolder: string;
    sns: SnsEndpoint;
  }) {
    this.plane = parts.plane;
    this.clusterId = parts.clusterId;
    this.customerId = parts.customerId;
    this.nodes = parts.nodes;
    this.subscribers = parts.subscribers;
    this.dependencies = parts.dependencies;
    this.#snsFolder = parts.snsFolder;
    this.#sns = parts.sns;
  }

  static async open(nodeCount: number, faults: PortFaults): Promise<AlertChain> {
    const plane = await startControlPlane();
    const clusterId = await newCluster(plane, nodeCount);
    const nodes: NodeId[] = [];
    for (let index = 1; index <= nodeCount; index += 1)
      nodes.push((await enrolled(plane, clusterId, `server-${index}`, 7_000 + 10 * index)).nodeId);
    const cluster = await plane.dependencies.stores.clusters.find(clusterId);
    if (cluster === undefined) throw new Error("the cluster is not in the store");
    const { customerId } = cluster.document;
    const snsFolder = await temporaryFolder();
    const sns = await startSnsEndpoint(snsOptions(snsFolder));
    const sound = { ...plane.dependencies, notifier: new SnsNotifier(snsClient(sns.url)) };
    const { stores, notifier, messenger } = sound;
    const dependencies: Dependencies = {
      ...sound,
      notifier: faults.of("notifier", notifier),
      messenger: faults.of("messenger", messenger),
      stores: Object.fromEntries(
        Object.entries(stores).map(([name, store]) => [name, faults.of(name, store as object)]),
      ) as unknown as Dependencies["stores"],
    };
    const subscribers = await AlertSubscribers.open(sound, clusterId, customerId);
    return new AlertChain({ plane, clusterId, customerId, nodes, subscribers, dependencies, snsFolder, sns });
  }

  /** The broker tells of a node's connection, as brokers do: a late word of before, and everything twice. */
  async presence(nodeId: NodeId, connected: boolean, sequence: number): Promise<void> {
    const node = { clusterId: this.clusterId, nodeId };
    for (const told of [
      { connected, sequence },
      { connected: !connected, sequence: sequence - 5 },
      { connected, sequence },
    ]) {
      await this.#untilDone(() => recordPresence(this.dependencies, node, told));
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
      await this.#untilDone(() => watchPresence(this.dependencies));
      await this.#untilDone(alertsHandler(this.dependencies));
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
    this.#sns = await startSnsEndpoint({ ...snsOptions(this.#snsFolder), port, tlsPort });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sns.close();
    await this.subscribers[Symbol.asyncDispose]();
    await this.plane.close();
    await rm(this.#snsFolder, { recursive: true });
  }

  async #send(event: ClusterEvent): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ events: [event] }));
    await takeMessage(this.dependencies, { clusterId: this.clusterId, nodeId: event.reporter }, "events", payload);
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
}

/** As the embedded cloud starts it. */
function snsOptions(folder: string) {
  return { ...endpointOptions(folder), deduplicateBy: alertIdAttribute };
}
