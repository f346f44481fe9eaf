import { join } from "node:path";
import type { NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import { followPromotion } from "../../demo/joining-progress.ts";
import { waitFor } from "../../demo/waiting.ts";
import { LabHost } from "../lab-host.ts";
import { type Cast, type LabSite, nowUs } from "../lab-site.ts";
import { lanAddress, withPrefix } from "../lan.ts";
import { folderOf } from "../run-name.ts";
import { device } from "../switch.ts";
import type { Figure, Trial } from "../trial.ts";

const takenInWithinMs = 20_000;
/** What the last octet of a moved server's address grows by. */
const movedBy = 50;
/** Of the server that joins and leaves. */
const guestNumber = 32;
let guests = 0;

/** An operator changes nearly everything of a running cluster, and puts it back. */
export class ChangesTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  #guest: LabHost | undefined;

  async before(): Promise<void> {}

  async during(site: LabSite, { holder, standbys }: Cast): Promise<void> {
    const [moving] = standbys;
    if (moving === undefined) throw new Error("this takes a standby");
    const before = await processesOf(site);
    const api = site.cloud.api();
    const first = (await api.cluster(site.clusterId)).document;
    const [auditedBefore] = (await api.audit()).entries;

    await this.#counting(site, "renamed", async () => {
      await api.patchNode(site.clusterId, idOf(first, moving), { name: "another name" });
      await takenIn(site, site.hosts);
      await api.patchNode(site.clusterId, idOf(first, moving), { name: moving.name });
    });
    await this.#counting(site, "ring reordered", async () => {
      await api.patchCluster(site.clusterId, { ring: first.nodes.map(({ nodeId }) => nodeId).toReversed() });
    });
    await this.#counting(site, "group's order changed", async () => {
      const { version, groups } = (await api.cluster(site.clusterId)).document;
      const [group] = groups;
      if (group === undefined) throw new Error("the cluster has no group");
      const { name, ...content } = group;
      await api.putGroup(site.clusterId, version, name, { ...content, order: group.order.toReversed() });
    });
    await this.#counting(site, "standby and holder moved to other addresses", async () => {
      for (const host of [moving, holder]) await this.#move(site, host, idOf(first, host));
    });
    await this.#counting(site, "a fourth server joined and left", async () => this.#welcome(site));
    await this.#counting(site, "all put back", async () => {
      for (const host of [moving, holder]) {
        await api.patchNode(site.clusterId, idOf(first, host), { host: host.port.address });
        await takenIn(site, site.hosts);
        await host.namespace.ip("address", "del", withPrefix(movedAddress(host)), "dev", device);
      }
      await api.patchCluster(site.clusterId, { ring: first.nodes.map(({ nodeId }) => nodeId) });
      const { version } = (await api.cluster(site.clusterId)).document;
      const [group] = first.groups;
      if (group === undefined) throw new Error("the cluster has no group");
      const { name, ...content } = group;
      await api.putGroup(site.clusterId, version, name, { ...content });
    });

    const after = await processesOf(site);
    if (JSON.stringify(after) !== JSON.stringify(before)) this.problems.push("a process was started anew");
    const last = (await api.cluster(site.clusterId)).document;
    await this.#judgeAudit(site, { from: first, to: last, since: auditedBefore?.number ?? 0 });
  }

  async after(): Promise<void> {}

  async end(): Promise<void> {
    await this.#guest?.namespace.remove();
  }

  /** Counts the client's questions that got no answer while the change was made and every agent had taken it in. */
  async #counting(site: LabSite, what: string, change: () => Promise<void>): Promise<void> {
    const fromUs = nowUs();
    await change();
    await takenIn(site, site.hosts);
    this.figures.push({ what: `${what}: questions unanswered`, value: site.unanswered({ fromUs, toUs: nowUs() - 200_000 }) });
  }

  /** Its machine gets a further address, and the others are told of that; a standby's old one goes then. */
  async #move(site: LabSite, host: LabHost, nodeId: NodeId): Promise<void> {
    await host.namespace.ip("address", "add", withPrefix(movedAddress(host)), "dev", device);
    await site.cloud.api().patchNode(site.clusterId, nodeId, { host: movedAddress(host) });
    await takenIn(site, site.hosts);
    await waitFor(`everybody to be connected with ${host.name} at its new address`, takenInWithinMs, async () => {
      const talks = await Promise.all(
        site.hosts
          .filter((other) => other !== host)
          .map(async (other) => (await other.namespace.run("ss", "-Htn", "dst", movedAddress(host))).length > 0),
      );
      return talks.every(Boolean) ? true : undefined;
    });
  }

  async #welcome(site: LabSite): Promise<void> {
    guests += 1;
    const name = `guest-${guests}`;
    const folder = join(folderOf(site.runName), name);
    const groupAddresses = site.groups.map(({ address }) => address);
    const options = { folder, name, number: guestNumber, groupAddresses, settings: {} };
    const guest = await LabHost.create({ network: site.network, secondNetwork: null }, options);
    this.#guest = guest;
    const api = site.cloud.api();
    await api.issueLicence(site.clusterId, 1);
    await guest.agent.join((await api.createJoinToken(site.clusterId)).token);
    await guest.powerOn();
    await followPromotion(guest.agent, api, site.clusterId);
    const { document } = await api.cluster(site.clusterId);
    this.figures.push({ what: "voters with the fourth server", value: document.nodes.filter(({ voting }) => voting).length });
    await api.removeNode(site.clusterId, idOf(document, guest));
    await takenIn(site, site.hosts);
    await guest.losePower();
  }

  /** Each version of the document has one entry, and none was altered. */
  async #judgeAudit(
    site: LabSite,
    span: { readonly from: ClusterDocument; readonly to: ClusterDocument; readonly since: number },
  ): Promise<void> {
    const { entries, broken } = await site.cloud.api().audit();
    const changes = entries.filter(
      ({ number, action, subject }) => number > span.since && action === "cluster.changed" && subject === site.clusterId,
    );
    const versions = span.to.version - span.from.version;
    this.figures.push({ what: "changes of the document in the audit log", value: changes.length, of: versions });
    if (changes.length !== versions)
      this.problems.push(`the audit log has ${changes.length} changes of the document, and it was changed ${versions} times`);
    if (broken.length > 0) this.problems.push(`entries ${broken.join(", ")} of the audit log are not what was written`);
  }
}

function idOf(document: ClusterDocument, host: LabHost): NodeId {
  const node = document.nodes.find(({ name }) => name === host.name);
  if (node === undefined) throw new Error(`${host.name} is no member`);
  return node.nodeId;
}

function movedAddress(host: LabHost): string {
  const last = Number(host.port.address.split(".").at(-1));
  return lanAddress(last + movedBy);
}

/** Agents and guardians, by server. */
async function processesOf({ hosts }: LabSite): Promise<readonly (readonly unknown[])[]> {
  const told = await Promise.all(hosts.map(async (host) => ({ host, status: await host.status() })));
  return told.map(({ host, status: { node } }) => [host.name, node.pid, node.guardianPid, node.incarnation]);
}

/** Every agent acts on the newest document. */
async function takenIn(site: LabSite, hosts: readonly LabHost[]): Promise<void> {
  const { document } = await site.cloud.api().cluster(site.clusterId);
  await waitFor(`every agent to take in version ${document.version} of the document`, takenInWithinMs, async () => {
    const statuses = await Promise.all(hosts.map((host) => host.status()));
    return statuses.every(({ cluster }) => cluster.documentVersion >= document.version) ? true : undefined;
  });
}
