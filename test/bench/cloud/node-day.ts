import { NodeReporter, reportLookEveryMs, reportPace } from "../../../agent/cloud/node-reporter.ts";
import { cloudVoterTimings } from "../../../shared/config/cloud-witness.ts";
import type { ClusterId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { NodeReport } from "../../../shared/domain/monitoring/node-report.ts";

/** A site of the cost model. */
export interface Site {
  readonly what: string;
  readonly nodes: number;
  /** The control plane breaks the tie of its even number of nodes. */
  readonly hasCloudWitness: boolean;
  /** Its application writes all the time: at every look a node may just have changes that others do not have yet. */
  readonly isWritten: boolean;
}

export const three: Site = { what: "three nodes", nodes: 3, hasCloudWitness: false, isWritten: true };
export const pair: Site = { what: "two nodes and the control plane as their witness", nodes: 2, hasCloudWitness: true, isWritten: true };

/** So often something is news to the cloud in the model: its reports come closer together for a while after that. */
const hoursBetweenNews = 12;
/** When the sample reports begin: 2026-01-01. */
export const sampleEpochMs = 1_767_225_600_000;

/** How many reports the agent's own reporter sends in a day of this site, with the agent's own pace, on a virtual clock. */
export function reportsPerDay({ isWritten, nodes }: Site): number {
  let [nowMs, sent] = [0, 0];
  let chance = 1;
  const reports = [0, 1].map((behind) => [0, 1].map((unacknowledged) => sampleReport({ nodes, nowMs: 0, unacknowledged, behind })));
  const build = (): NodeReport => {
    // A fixed sequence (Park and Miller): in one look of three a change is on its way out, in one of five one is on its way in.
    chance = (chance * 48_271) % 2_147_483_647;
    const report = reports[Number(isWritten && chance % 5 === 0)]?.[Number(isWritten && chance % 3 === 0)];
    if (report === undefined) throw new Error("there is one of each kind");
    return report;
  };
  const reporter = new NodeReporter({ build, send: () => (sent += 1), nowMs: () => nowMs, ...reportPace });
  for (; nowMs < hoursBetweenNews * 3_600_000; nowMs += reportLookEveryMs) reporter.look();
  return (sent / hoursBetweenNews) * 24;
}

/** While nothing is wrong but the other connection to the control plane, so often a day: each time it is looked at once. */
export function looksPerDay({ hasCloudWitness }: Site, reconnects: number): number {
  return hasCloudWitness ? 86_400_000_000 / cloudVoterTimings.lookEveryUs + reconnects : 0;
}

const id = (prefix: string, number: number): string => `${prefix}_${String(number).padStart(20, "0")}`;

/** As long as a real one of a cluster with one group and one database. */
export function sampleReport(about: {
  readonly nodes: number;
  readonly nowMs: number;
  readonly clusterId?: ClusterId;
  /** The reporter first. */
  readonly nodeIds?: readonly NodeId[];
  /** Who votes beside the nodes. */
  readonly witness?: NodeId;
  readonly documentVersion?: number;
  readonly unacknowledged?: number;
  readonly behind?: number;
}): NodeReport {
  const { nodes, nowMs, unacknowledged = 0 } = about;
  const nodeIds = about.nodeIds ?? Array.from({ length: nodes }, (_, index) => id("node", index) as NodeId);
  const [own = id("node", 0) as NodeId, ...others] = nodeIds;
  return {
    clusterId: about.clusterId ?? (id("clus", 0) as ClusterId),
    nodeId: own,
    at: new Date(sampleEpochMs + nowMs).toISOString(),
    agentVersion: "0.1.0",
    incarnation: 3,
    documentVersion: about.documentVersion ?? 7,
    groups: [{ name: "default" as GroupName, state: "standby", epoch: 12, holder: others[0] ?? own }],
    peers: [...others, ...(about.witness === undefined ? [] : [about.witness])].map((nodeId) => ({
      nodeId,
      reachable: true,
      lastHeardMs: nowMs % 100,
    })),
    dataSets: [
      {
        name: "application",
        phase: "following",
        vector: Object.fromEntries(nodeIds.map((node, index) => [`${node}:${index + 1}`, 123_456 + Math.floor(nowMs / 1_000)])),
        unacknowledged: { changes: unacknowledged, oldestAgeMs: unacknowledged * 3 },
        behind: about.behind ?? 0,
        syncingWith: { nodeId: others[0] ?? own, expected: true },
      },
    ],
    alarms: [
      { name: "readiness", dataSet: "application", colour: "green", reason: "" },
      { name: "activity", dataSet: "application", colour: "green", reason: "with node-b" },
      { name: "age", dataSet: "application", colour: "green", reason: "what it shows of node-b is 0.3 s old" },
      { name: "time", dataSet: null, colour: "green", reason: "node-b is 0.002 s behind" },
    ],
    cloudVote: { answers: 4_320, lost: 2, p50Ms: 41.2, p99Ms: 160.5 },
  };
}
