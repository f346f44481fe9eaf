import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "../../agent/local/agent-status.ts";
import { limits } from "../../shared/config/limits.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { ClusterEvent } from "../../shared/domain/monitoring/cluster-event.ts";
import { followPromotion } from "../demo/joining-progress.ts";
import { waitFor } from "../demo/waiting.ts";
import { LabCloud } from "./lab-cloud.ts";
import { groupAddress, groupResources, LabHost } from "./lab-host.ts";
import { Namespace } from "./namespace.ts";
import { Prober } from "./prober.ts";
import { folderOf, nextRunName, removeLeftOvers } from "./run-name.ts";
import { namespaceNames, Switch } from "./switch.ts";
import { unlessInterrupted } from "./unless-interrupted.ts";
import { openWatchPost } from "./watch-post.ts";

const hostNames = ["node-a", "node-b", "node-c"] as const;
const cloudAddress = "10.77.0.2";
const clientAddress = "10.77.0.3";
/** The client's only way. */
export const clientWay = "client";

export interface LabOptions {
  readonly timing: TimingProfileName;
  /** Whether the hosts have a second network between them. */
  readonly hasSecondNetwork?: true;
  /** Told what is done, in words. */
  readonly onProgress: (what: string) => void;
  /** Ends the making of the lab; what is there by then is removed. */
  readonly interrupted?: AbortSignal;
}

/** Who holds the group, and the others in the group's order. */
export interface Cast {
  readonly holder: LabHost;
  readonly standbys: readonly LabHost[];
}

/** Three servers of one customer, the control plane, a client of the group's address and a watch post, each on a machine of its own. */
export class LabSite {
  readonly runName: string;
  readonly network: Switch;
  /** Between the hosts alone; null where they have one network. */
  readonly secondNetwork: Switch | null;
  readonly cloud: LabCloud;
  readonly hosts: readonly LabHost[];
  readonly client: Prober;
  readonly watchPost: Prober;
  #clusterId = "";

  private constructor(parts: Pick<LabSite, "runName" | "network" | "secondNetwork" | "cloud" | "hosts" | "client" | "watchPost">) {
    this.runName = parts.runName;
    this.network = parts.network;
    this.secondNetwork = parts.secondNetwork;
    this.cloud = parts.cloud;
    this.hosts = parts.hosts;
    this.client = parts.client;
    this.watchPost = parts.watchPost;
  }

  /** Makes everything and enrols the hosts over the control plane's API. What cannot be finished is removed again. */
  static async create(options: LabOptions): Promise<LabSite> {
    for (const name of await removeLeftOvers()) options.onProgress(`removed ${name}, left behind by an earlier run`);
    const runName = nextRunName();
    try {
      const site = await LabSite.#build(runName, options.hasSecondNetwork === true);
      await unlessInterrupted(site.#enrol(options), options.interrupted);
      return site;
    } catch (error) {
      await removeRun(runName);
      throw error;
    }
  }

  static async #build(runName: string, hasSecondNetwork: boolean): Promise<LabSite> {
    const folder = folderOf(runName);
    mkdirSync(folder, { recursive: true });
    const network = await Switch.create(runName);
    const secondNetwork = hasSecondNetwork ? await Switch.create(`${runName}-second`) : null;
    const cloud = await network.machine("cloud", cloudAddress);
    const hosts: LabHost[] = [];
    for (const [index, name] of hostNames.entries())
      hosts.push(
        await LabHost.create(join(folder, name), name, [`10.77.0.${11 + index}`, `10.78.0.${11 + index}`], { network, secondNetwork }),
      );
    const { namespace } = await network.machine("client", clientAddress);
    const client = new Prober(namespace, [{ label: clientWay, from: clientAddress, to: groupAddress }], join(folder, "client.log"));
    const watchPost = await openWatchPost(network, {
      namespaceName: `${runName}-watch`,
      ports: hosts.map(({ port }) => port),
      groupAddress,
      firstAddress: 41,
      logFile: join(folder, "watch.log"),
    });
    return new LabSite({
      runName,
      network,
      secondNetwork,
      cloud: new LabCloud(cloud.namespace, cloudAddress, join(folder, "cloud")),
      hosts,
      client,
      watchPost,
    });
  }

  async #enrol({ timing, onProgress }: LabOptions): Promise<void> {
    await this.cloud.start();
    const api = this.cloud.api();
    const { customerId } = await api.createCustomer("Lab");
    const { document } = await api.createCluster(customerId, { name: "Lab", timing, resources: groupResources });
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
  }

  /** The newest events that the control plane has of the cluster, newest first: more than any one fault brings about. */
  async events(): Promise<readonly ClusterEvent[]> {
    return (await this.cloud.api().events(this.#clusterId, limits.eventsPerPageMax)).events;
  }

  /** Waits until nothing is wrong: one holder, which alone has the address and answers the client, and everybody else fit and connected. */
  async healthy(timeoutMs: number): Promise<Cast> {
    return waitFor("a healthy cluster", timeoutMs, async () => this.#cast());
  }

  async #cast(): Promise<Cast> {
    const statuses = await Promise.all(this.hosts.map(async (host) => ({ host, status: await host.status() })));
    const holding = statuses.filter(({ status }) => status.groups[0]?.state === "operational");
    const [holder] = holding.map(({ host }) => host);
    if (holder === undefined || holding.length > 1) throw new Error(`${holding.length} nodes are operational`);
    for (const { host, status } of statuses) {
      const trouble = troubleOf(status, holder.name) ?? (await addressTrouble(host, host === holder));
      if (trouble !== null) throw new Error(`${host.name}: ${trouble}`);
    }
    await sleep(50);
    const answering = this.whoAnswers(50);
    if (answering !== holder.name) throw new Error(`${answering ?? "nobody"} answers the client, and ${holder.name} is operational`);
    return { holder, standbys: this.hosts.filter((host) => host !== holder) };
  }

  /** Who has answered the client within the last so many milliseconds. */
  whoAnswers(withinMs: number): string | undefined {
    return this.client.record.lastAnswer(clientWay, nowUs() - 1_000 * withinMs);
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

function troubleOf({ groups: [group], peers, cloud, outbox }: AgentStatus, holderName: string): string | null {
  if (group === undefined) return "it knows no group";
  if (group.holderName !== holderName) return `it takes ${group.holderName ?? "nobody"} for the holder (${group.state}: ${group.reason})`;
  if (!["operational", "standby"].includes(group.state)) return `it is ${group.state}: ${group.reason}`;
  if (group.ineligible !== null) return `it cannot take the group: ${group.ineligible}`;
  const silent = peers.find(({ reachable }) => !reachable);
  if (silent !== undefined) return `it does not hear ${silent.name}`;
  if (cloud.state !== "connected") return `it has no connection to the cloud: ${cloud.reason}`;
  return outbox.waiting === 0 ? null : `${outbox.waiting} events wait for the cloud`;
}

async function addressTrouble(host: LabHost, shouldHave: boolean): Promise<string | null> {
  if ((await host.machine.hasGroupAddress()) === shouldHave) return null;
  return shouldHave ? "it is operational without the group's address" : "it has the group's address and is not operational";
}

/** Ends every process of a run, and removes its namespaces and its folder. */
async function removeRun(runName: string): Promise<void> {
  for (const name of await namespaceNames()) if (name.startsWith(`${runName}-`)) await new Namespace(name).remove();
  rmSync(folderOf(runName), { recursive: true, force: true });
}
