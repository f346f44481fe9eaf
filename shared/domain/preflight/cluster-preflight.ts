import type { AgentWitness, ClusterDocument, ClusterNode } from "../membership/cluster-document.ts";
import { parseIpAddress } from "../membership/ip-address.ts";
import { pathsOf } from "../membership/lan-path.ts";
import type { NodeReport } from "../monitoring/node-report.ts";
import { type Judgement, judged, type PreflightCheck, type PreflightResult } from "./preflight-check.ts";
import { preflightChecks } from "./preflight-checks.ts";
import type { PreflightReport } from "./preflight-report.ts";
import { judgeReach, type MemberFacts } from "./reach-between.ts";
import { judgeTimeSources, type NodeTimeSource } from "./time-source-agreement.ts";

/** What the control plane knows of a cluster's nodes, for what only shows beside each other. */
export interface ClusterFacts {
  readonly nodes: readonly (NodeTimeSource & {
    readonly host: string;
    /** Null: it has not reported. */
    readonly agentVersion: string | null;
  })[];
  /** The nodes, and the witness where that is an agent. */
  readonly members: readonly MemberFacts[];
}

export const clusterChecks: readonly PreflightCheck<ClusterFacts>[] = [
  {
    id: "agent-versions",
    looksAt: "the agents' versions, as the nodes report them",
    warns: "they differ",
    fails: null,
    nextStep: "Upgrade the older agents, one node after the other (understudy agent detach).",
    judge: ({ nodes }) => alike(nodes.map(({ name, agentVersion }) => [name, agentVersion])),
  },
  {
    id: "address-families",
    looksAt: "whether the nodes' addresses are all IPv4 or all IPv6; names are left out",
    warns: "they are not: every node must reach both",
    fails: null,
    nextStep: "Name every node by addresses of one family, or see that each has both.",
    judge: ({ nodes }) =>
      alike(
        nodes.map(({ name, host }) => {
          const family = parseIpAddress(host)?.family;
          return [name, family === undefined ? null : `IPv${family}`];
        }),
      ),
  },
  {
    id: "node-ports",
    looksAt:
      "for every two nodes, and the witness, whether each reaches the other's ports for heartbeats and replication, on every network, by what they tried last: a minute after their start, and then every hour",
    warns: "a port is reached on some of the networks alone, or a node that nobody hears is reached by nobody",
    fails: "a port is reached in one direction alone, or in none, on no network",
    nextStep:
      "Let the port through on the firewall of the server that it names, and between the two, in both directions; then wait for the next look, or run understudy agent preflight on both.",
    judge: ({ members }) => judgeReach(members),
  },
  {
    id: "time-sources",
    looksAt: "what keeps the nodes' clocks, and from whom they may take the time, as far as chrony or systemd's own service says so",
    warns: "some are synchronised and others are not, or there is no source that all of them have",
    fails: null,
    nextStep: "Give every node the same time servers (the same chrony.conf, or NTP= in timesyncd.conf).",
    judge: ({ nodes }) => judgeTimeSources(nodes),
  },
];

/** Null: nothing is known of that node. */
function alike(values: readonly (readonly [string, string | null])[]): readonly Judgement[] {
  const known = values.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  const different = [...new Set(known.map(({ value }) => value))];
  if (different.length < 2) return different.map((value) => ({ outcome: "ok", seen: value }));
  const seen = different.map((value) => {
    const whose = known.filter((one) => one.value === value).map(({ name }) => name);
    return `${value} on ${whose.join(", ")}`;
  });
  return [{ outcome: "warn", seen: seen.join("; ") }];
}

export interface NodePreflight {
  readonly nodeId: ClusterDocument["nodes"][number]["nodeId"];
  readonly name: string;
  /** Null: its agent has not told yet. */
  readonly report: PreflightReport | null;
}

export interface ClusterPreflight {
  readonly nodes: readonly NodePreflight[];
  readonly cluster: readonly PreflightResult[];
}

/** Each node's newest look at itself, and the nodes beside each other. */
export function clusterPreflight(
  { nodes, witness }: Pick<ClusterDocument, "nodes" | "witness">,
  reports: readonly NodeReport[],
): ClusterPreflight {
  const reportOf = new Map(reports.map((report) => [report.nodeId, report]));
  const facts: ClusterFacts = {
    nodes: nodes.map(({ nodeId, name, host }) => {
      const report = reportOf.get(nodeId);
      return { name, host, agentVersion: report?.agentVersion ?? null, timeSource: report?.preflight?.beside?.timeSource ?? null };
    }),
    members: [...nodes, ...(witness?.kind === "agent" ? [witness] : [])].map((member) => memberFacts(member, reportOf.get(member.nodeId))),
  };
  return {
    nodes: nodes.map(({ nodeId, name }) => ({ nodeId, name, report: reportOf.get(nodeId)?.preflight ?? null })),
    cluster: judged(clusterChecks, facts),
  };
}

function memberFacts(member: ClusterNode | AgentWitness, report: NodeReport | undefined): MemberFacts {
  const heard = (report?.peers ?? []).filter(({ reachable }) => reachable).map(({ nodeId }) => nodeId);
  return {
    nodeId: member.nodeId,
    name: member.name,
    hosts: new Map(pathsOf(member).map(({ name, host }) => [name, host])),
    ports: new Map([
      ["heartbeat", member.heartbeatPort],
      ...("replicationPort" in member ? [["replication", member.replicationPort] as const] : []),
    ]),
    reach: report?.preflight?.beside?.reach ?? null,
    hears: new Set(heard),
  };
}

/** By its id; a newer agent may have checks that are not known here. */
export function nextStepOf(id: string): string {
  return preflightChecks.find((check) => check.id === id)?.nextStep ?? "On that node, understudy agent preflight tells what to do.";
}
