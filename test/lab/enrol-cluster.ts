import type { ClusterId } from "../../shared/domain/ids.ts";
import type { TimingProfileName } from "../../shared/domain/membership/cluster-document.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import type { ApiClient } from "../demo/api-client.ts";
import { followPromotion } from "../demo/joining-progress.ts";
import { waitFor } from "../demo/waiting.ts";
import type { LabApplication } from "./lab-application.ts";
import { type LabGroup, resourcesOf } from "./lab-group.ts";
import type { LabHost } from "./lab-host.ts";

const votesWithinMs = 60_000;

export interface Enrolment {
  readonly api: ApiClient;
  readonly timing: TimingProfileName;
  readonly groups: readonly LabGroup[];
  readonly hosts: readonly LabHost[];
  readonly witness: LabHost | null;
  readonly hasCloudWitness: boolean;
  readonly whenAlone: WhenAlone;
  /** What the first group runs; null: nothing but its address. */
  readonly application: LabApplication | null;
  /** Told what is done, in words. */
  readonly onProgress: (what: string) => void;
}

/** Makes a cluster of the hosts over the control plane's API, as an MSP would. Resolves with its id once everybody has a vote. */
export async function enrolCluster(enrolment: Enrolment): Promise<ClusterId> {
  const { api, timing, groups, hosts, witness, hasCloudWitness, whenAlone, application, onProgress } = enrolment;
  const { customerId } = await api.createCustomer("Lab");
  const [first] = groups;
  const { dataSets = [], services = [] } = application ?? {};
  const resources = first === undefined ? [] : resourcesOf(first, services);
  const { clusterId } = (await api.createCluster(customerId, { name: "Lab", timing, dataSets, resources })).document;
  await api.issueLicence(clusterId, hosts.length);
  onProgress("control plane ready");
  const enrol = async (host: LabHost, role: "node" | "witness"): Promise<void> => {
    await host.agent.join((await api.createJoinToken(clusterId, { role })).token);
    await host.powerOn();
  };
  // The first one has the only vote, and so the groups: which one that is shall not be left to chance.
  const [home, ...others] = hosts;
  if (home !== undefined) await enrol(home, "node");
  await Promise.all([...others.map((host) => enrol(host, "node")), ...(witness === null ? [] : [enrol(witness, "witness")])]);
  for (const host of hosts) {
    await followPromotion(host.agent, api, clusterId);
    onProgress(`${host.name} enrolled, and a voter`);
  }
  // Else the control plane would make itself the witness of two nodes after a minute.
  if (witness === null && hosts.length % 2 === 0) await api.putCloudWitness(clusterId, hasCloudWitness ? "on" : "off");
  if (witness !== null || hasCloudWitness) {
    await waitFor(
      "the witness to have a vote",
      votesWithinMs,
      async () => (await api.cluster(clusterId)).document.witness?.voting || undefined,
    );
    onProgress("the witness enrolled, and a voter");
  }
  if (whenAlone !== "stop") await api.putWhenAlone(clusterId, whenAlone);
  await setGroups(api, clusterId, groups, services);
  return clusterId;
}

/** Each group's order and failback, once every node may hold it: so each begins where it is at home. */
async function setGroups(
  api: ApiClient,
  clusterId: ClusterId,
  groups: readonly LabGroup[],
  servicesOfFirst: readonly string[],
): Promise<void> {
  for (const [index, group] of groups.entries()) {
    const { document } = await api.cluster(clusterId);
    const order = group.order.map((name) => document.nodes.find((node) => node.name === name)?.nodeId);
    const resources = resourcesOf(group, index === 0 ? servicesOfFirst : []);
    const body = { order, resources, failback: group.failback };
    await api.putGroup(clusterId, document.version, group.name, body);
  }
}
