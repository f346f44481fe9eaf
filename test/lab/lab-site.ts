import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { limits } from "../../shared/config/limits.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { waitFor } from "../demo/waiting.ts";
import { enrolCluster } from "./enrol-cluster.ts";
import { connectThroughGateway } from "./gateway.ts";
import { applicationFolder, type LabApplication } from "./lab-application.ts";
import { LabCloud } from "./lab-cloud.ts";
import { hostsOf, type LabGroup } from "./lab-group.ts";
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
export const clientAddress = lanAddress(3);
/** The client's port at the switch. */
export const clientPort = "client";

export interface LabOptions {
  readonly timing: TimingProfileName;
  /** Whether the hosts have a second network between them. */
  readonly hasSecondNetwork: boolean;
  /** The first is the cluster's `default` group. The nodes are those in the groups' orders. */
  readonly groups: readonly LabGroup[];
  /** What two nodes have instead of a third one: a witness on a further machine, the control plane as the witness, or a rule for when they lose each other (`whenAlone`). */
  readonly inPlaceOfThird?: "witness" | "cloud witness" | Exclude<WhenAlone, "stop">;
  /** What the first group runs beyond its address. */
  readonly application?: LabApplication;
  /** Told what is done, in words. */
  readonly onProgress: (what: string) => void;
  /** Where every program's log is copied to if the lab cannot be made. */
  readonly logs?: string;
  /** Ends the making of the lab; what is there by then is removed. */
  readonly interrupted?: AbortSignal;
}

/** Who holds the first group, and the others in the group's order. */
export interface Cast {
  readonly holder: LabHost;
  readonly standbys: readonly LabHost[];
}

/** The servers of one customer, the control plane behind a gateway, a client of the groups' addresses and a watch post, each on a machine of its own. */
export class LabSite {
  readonly runName: string;
  readonly groups: readonly LabGroup[];
  readonly network: Switch;
  /** Between the hosts alone; null where they have one network. */
  readonly secondNetwork: Switch | null;
  readonly cloud: LabCloud;
  readonly hosts: readonly LabHost[];
  readonly witness: LabHost | null;
  readonly clientNamespace: Namespace;
  readonly watchPost: WatchPost;
  /** Asks at each group's address; a way is called as the group. */
  readonly #client: Prober;
  #clusterId = "";

  private constructor(
    parts: Pick<
      LabSite,
      "runName" | "groups" | "network" | "secondNetwork" | "cloud" | "hosts" | "witness" | "clientNamespace" | "watchPost"
    >,
    client: Prober,
  ) {
    this.runName = parts.runName;
    this.groups = parts.groups;
    this.network = parts.network;
    this.secondNetwork = parts.secondNetwork;
    this.cloud = parts.cloud;
    this.hosts = parts.hosts;
    this.witness = parts.witness;
    this.clientNamespace = parts.clientNamespace;
    this.watchPost = parts.watchPost;
    this.#client = client;
  }

  /** Makes everything and enrols the hosts over the control plane's API. What cannot be finished is removed again. */
  static async create(options: LabOptions): Promise<LabSite> {
    for (const name of await removeLeftOvers()) options.onProgress(`removed ${name}, left behind by an earlier run`);
    const runName = nextRunName();
    let site: LabSite | undefined;
    try {
      site = await LabSite.#build(runName, options);
      await unlessInterrupted(site.#enrol(options), options.interrupted);
      return site;
    } catch (error) {
      if (options.logs !== undefined) site?.keepLogs(join(options.logs, runName));
      await site?.cloud.end();
      await removeRun(runName);
      throw error;
    }
  }

  static async #build(runName: string, { groups, hasSecondNetwork, inPlaceOfThird, application }: LabOptions): Promise<LabSite> {
    const folder = folderOf(runName);
    mkdirSync(folder, { recursive: true });
    const network = await Switch.create(runName, folder);
    const secondNetwork = hasSecondNetwork ? await Switch.create(`${runName}-second`, folder) : null;
    const cloudNamespace = await Namespace.create(`${runName}-cloud`);
    await connectThroughGateway(network, cloudNamespace, cloudAddress);
    const groupAddresses = groups.map(({ address }) => address);
    const hostCalled = (name: string, number: number, settings: Readonly<Record<string, unknown>>): Promise<LabHost> =>
      LabHost.create({ network, secondNetwork }, { folder: join(folder, name), name, number, groupAddresses, settings });
    const hosts: LabHost[] = [];
    for (const [index, name] of hostsOf(groups).entries()) {
      const place = { folder: applicationFolder(join(folder, name)), groupAddress: groupAddresses[0] ?? "", isFirst: index === 0 };
      hosts.push(await hostCalled(name, 11 + index, { ...(await application?.install(place)) }));
    }
    const witness = inPlaceOfThird === "witness" ? await hostCalled("witness", 21, {}) : null;
    const { namespace: clientNamespace } = await network.machine(clientPort, clientAddress);
    const ways = groups.map(({ name, address }) => ({ label: name, from: sameFamily(clientAddress, address), to: address }));
    const watchPost = await WatchPost.open(network, {
      namespaceName: `${runName}-watch`,
      machines: witness === null ? hosts : [...hosts, witness],
      groups,
      firstAddress: 41,
      logFile: join(folder, "watch.log"),
    });
    const cloud = new LabCloud(cloudNamespace, cloudAddress, join(folder, "cloud"));
    const parts = { runName, groups, network, secondNetwork, cloud, hosts, witness, clientNamespace, watchPost };
    return new LabSite(parts, new Prober(clientNamespace, ways, join(folder, "client.log")));
  }

  async #enrol({ timing, inPlaceOfThird, application, onProgress }: LabOptions): Promise<void> {
    await this.cloud.start();
    const { groups, hosts, witness } = this;
    const whenAlone = inPlaceOfThird === "survivor" || inPlaceOfThird === "probe" ? inPlaceOfThird : "stop";
    const hasCloudWitness = inPlaceOfThird === "cloud witness";
    const cluster = { timing, groups, hosts, witness, hasCloudWitness, whenAlone, application: application ?? null } as const;
    this.#clusterId = await enrolCluster({ api: this.cloud.api(), ...cluster, onProgress });
  }

  get clusterId(): string {
    return this.#clusterId;
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
    return waitFor("a healthy cluster", timeoutMs, async () => holdersOf(this, (group) => this.whoAnswers(justNowMs, group)));
  }

  /** Who has answered the client within the last so many milliseconds, for a group or for the first one. */
  whoAnswers(withinMs: number, group = this.groups[0]?.name ?? ""): string | undefined {
    return this.#client.record.lastAnswer(group, nowUs() - 1_000 * withinMs);
  }

  /** The client's longest time without an answer in a span, for a group or for the first one. */
  silenceMs(span: Span, group = this.groups[0]?.name ?? ""): number {
    return longestMs(silences(this.#client.record.probes(group, span)));
  }

  /** How many of the client's questions of a span got no answer, for a group or for the first one. The last of them must have had the time for one. */
  unanswered(span: Span, group = this.groups[0]?.name ?? ""): number {
    return this.#client.record.probes(group, span).filter(({ answer }) => answer === null).length;
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
