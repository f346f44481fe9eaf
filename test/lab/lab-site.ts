import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { limits } from "../../shared/config/limits.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import type { ApiClient } from "../demo/api-client.ts";
import { followPromotion } from "../demo/joining-progress.ts";
import { waitFor } from "../demo/waiting.ts";
import { connectThroughGateway } from "./gateway.ts";
import { LabCloud } from "./lab-cloud.ts";
import { hostNames, type LabGroup, resourcesOf } from "./lab-group.ts";
import { LabHost } from "./lab-host.ts";
import { lanAddress, sameFamily } from "./lan.ts";
import { Load } from "./load.ts";
import { Namespace } from "./namespace.ts";
import { longestMs, silences } from "./probe-analysis.ts";
import type { Span } from "./probe-record.ts";
import { Prober } from "./prober.ts";
import { folderOf, nextRunName, removeLeftOvers, removeRun } from "./run-name.ts";
import { holdersOf } from "./site-health.ts";
import { Switch } from "./switch.ts";
import { unlessInterrupted } from "./unless-interrupted.ts";
import { WatchPost } from "./watch-post.ts";

const cloudAddress = "10.79.0.2";
const clientAddress = lanAddress(3);

export interface LabOptions {
  readonly timing: TimingProfileName;
  /** Whether the hosts have a second network between them. */
  readonly hasSecondNetwork: boolean;
  /** The first is the cluster's `default` group. */
  readonly groups: readonly LabGroup[];
  /** Told what is done, in words. */
  readonly onProgress: (what: string) => void;
  /** Ends the making of the lab; what is there by then is removed. */
  readonly interrupted?: AbortSignal;
}

/** Who holds the first group, and the others in the group's order. */
export interface Cast {
  readonly holder: LabHost;
  readonly standbys: readonly LabHost[];
}

/** Three servers of one customer, the control plane behind a gateway, a client of the groups' addresses and a watch post, each on a machine of its own. */
export class LabSite {
  readonly runName: string;
  readonly groups: readonly LabGroup[];
  readonly network: Switch;
  /** Between the hosts alone; null where they have one network. */
  readonly secondNetwork: Switch | null;
  readonly cloud: LabCloud;
  readonly hosts: readonly LabHost[];
  readonly clientNamespace: Namespace;
  readonly watchPost: WatchPost;
  /** Asks at each group's address; a way is called as the group. */
  readonly #client: Prober;
  #clusterId = "";

  private constructor(
    parts: Pick<LabSite, "runName" | "groups" | "network" | "secondNetwork" | "cloud" | "hosts" | "clientNamespace" | "watchPost">,
    client: Prober,
  ) {
    this.runName = parts.runName;
    this.groups = parts.groups;
    this.network = parts.network;
    this.secondNetwork = parts.secondNetwork;
    this.cloud = parts.cloud;
    this.hosts = parts.hosts;
    this.clientNamespace = parts.clientNamespace;
    this.watchPost = parts.watchPost;
    this.#client = client;
  }

  /** Makes everything and enrols the hosts over the control plane's API. What cannot be finished is removed again. */
  static async create(options: LabOptions): Promise<LabSite> {
    for (const name of await removeLeftOvers()) options.onProgress(`removed ${name}, left behind by an earlier run`);
    const runName = nextRunName();
    try {
      const site = await LabSite.#build(runName, options);
      await unlessInterrupted(site.#enrol(options), options.interrupted);
      return site;
    } catch (error) {
      await removeRun(runName);
      throw error;
    }
  }

  static async #build(runName: string, { groups, hasSecondNetwork }: LabOptions): Promise<LabSite> {
    const folder = folderOf(runName);
    mkdirSync(folder, { recursive: true });
    const network = await Switch.create(runName, folder);
    const secondNetwork = hasSecondNetwork ? await Switch.create(`${runName}-second`, folder) : null;
    const cloudNamespace = await Namespace.create(`${runName}-cloud`);
    await connectThroughGateway(network, cloudNamespace, cloudAddress);
    const groupAddresses = groups.map(({ address }) => address);
    const hosts: LabHost[] = [];
    for (const [index, name] of hostNames.entries()) {
      const options = { folder: join(folder, name), name, number: 11 + index, groupAddresses };
      hosts.push(await LabHost.create({ network, secondNetwork }, options));
    }
    const { namespace: clientNamespace } = await network.machine("client", clientAddress);
    const ways = groups.map(({ name, address }) => ({ label: name, from: sameFamily(clientAddress, address), to: address }));
    const watchPost = await WatchPost.open(network, {
      namespaceName: `${runName}-watch`,
      machines: hosts,
      groups,
      firstAddress: 41,
      logFile: join(folder, "watch.log"),
    });
    const cloud = new LabCloud(cloudNamespace, cloudAddress, join(folder, "cloud"));
    const parts = { runName, groups, network, secondNetwork, cloud, hosts, clientNamespace, watchPost };
    return new LabSite(parts, new Prober(clientNamespace, ways, join(folder, "client.log")));
  }

  async #enrol({ timing, onProgress }: LabOptions): Promise<void> {
    await this.cloud.start();
    const api = this.cloud.api();
    const { customerId } = await api.createCustomer("Lab");
    const [first] = this.groups;
    const resources = first === undefined ? [] : resourcesOf(first);
    const { document } = await api.createCluster(customerId, { name: "Lab", timing, resources });
    this.#clusterId = document.clusterId;
    await api.issueLicence(this.#clusterId, this.hosts.length);
    onProgress("control plane ready");
    for (const host of this.hosts) {
      const { token } = await api.createJoinToken(this.#clusterId);
      await host.agent.join(token);
    }
    await Promise.all(this.hosts.map((host) => host.powerOn()));
    for (const host of this.hosts) {
      await followPromotion(host.agent, api, this.#clusterId);
      onProgress(`${host.name} enrolled, and a voter`);
    }
    await this.#setGroups(api);
  }

  /** Each group's order and failback, once every node may hold it: so each begins where it is at home. */
  async #setGroups(api: ApiClient): Promise<void> {
    for (const group of this.groups) {
      const { document } = await api.cluster(this.#clusterId);
      const order = group.order.map((name) => document.nodes.find((node) => node.name === name)?.nodeId);
      const body = { order, resources: resourcesOf(group), failback: group.failback };
      await api.putGroup(this.#clusterId, document.version, group.name, body);
    }
  }

  /** The newest events that the control plane has of the cluster, newest first: more than any one fault brings about. */
  async events(): Promise<readonly ClusterEvent[]> {
    return (await this.cloud.api().events(this.#clusterId, limits.eventsPerPageMax)).events;
  }

  /** Waits until nothing is wrong (site-health.ts). */
  async healthy(timeoutMs: number): Promise<Cast> {
    const [first] = this.groups;
    const holder = (await this.holders(timeoutMs)).get(first?.name ?? "");
    if (holder === undefined) throw new Error("the cluster has no group");
    return { holder, standbys: this.hosts.filter((host) => host !== holder) };
  }

  /** As `healthy`, with the holder of every group by the group's name. */
  async holders(timeoutMs: number): Promise<ReadonlyMap<string, LabHost>> {
    const justNowMs = 50;
    return waitFor("a healthy cluster", timeoutMs, async () =>
      holdersOf(this.hosts, this.groups, (group) => this.whoAnswers(justNowMs, group)),
    );
  }

  /** Who has answered the client within the last so many milliseconds, for a group or for the first one. */
  whoAnswers(withinMs: number, group = this.groups[0]?.name ?? ""): string | undefined {
    return this.#client.record.lastAnswer(group, nowUs() - 1_000 * withinMs);
  }

  /** The client's longest time without an answer in a span, for a group or for the first one. */
  silenceMs(span: Span, group = this.groups[0]?.name ?? ""): number {
    return longestMs(silences(this.#client.record.probes(group, span)));
  }

  /** What was asked and answered earlier is needed no more. */
  forgetBefore(us: number): void {
    this.#client.record.forgetBefore(us);
    this.watchPost.forgetBefore(us);
  }

  /** Keeps every processor busy, and the disk where asked for, until it is ended. */
  load(options: { readonly disk: boolean }): Load {
    return new Load({ namespace: this.clientNamespace, folder: folderOf(this.runName), ...options });
  }

  /** Copies every program's log, as it stands now, into a folder. */
  keepLogs(folder: string): void {
    const own = folderOf(this.runName);
    const logs = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".log"));
    for (const log of logs) cpSync(join(own, log), join(folder, log));
  }

  async end(): Promise<void> {
    await this.cloud.end();
    await removeRun(this.runName);
  }
}

/** Now, on the machine's monotonic clock in microseconds: the one that all of the lab's programs tell. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
