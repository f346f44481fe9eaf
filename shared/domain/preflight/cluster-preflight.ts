import type { ClusterDocument } from "../membership/cluster-document.ts";
import { parseIpAddress } from "../membership/ip-address.ts";
import type { NodeReport } from "../monitoring/node-report.ts";
import { type Judgement, judged, type PreflightCheck, type PreflightResult } from "./preflight-check.ts";
import { preflightChecks } from "./preflight-checks.ts";
import type { PreflightReport } from "./preflight-report.ts";

/** What the control plane knows of a cluster's nodes, for what only shows beside each other. */
export interface ClusterFacts {
  readonly nodes: readonly {
    readonly name: string;
    readonly host: string;
    /** Null: it has not reported. */
    readonly agentVersion: string | null;
  }[];
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
export function clusterPreflight({ nodes }: Pick<ClusterDocument, "nodes">, reports: readonly NodeReport[]): ClusterPreflight {
  const reportOf = new Map(reports.map((report) => [report.nodeId, report]));
  const facts: ClusterFacts = {
    nodes: nodes.map(({ nodeId, name, host }) => ({ name, host, agentVersion: reportOf.get(nodeId)?.agentVersion ?? null })),
  };
  return {
    nodes: nodes.map(({ nodeId, name }) => ({ nodeId, name, report: reportOf.get(nodeId)?.preflight ?? null })),
    cluster: judged(clusterChecks, facts),
  };
}

/** By its id; a newer agent may have checks that are not known here. */
export function nextStepOf(id: string): string {
  return preflightChecks.find((check) => check.id === id)?.nextStep ?? "On that node, understudy agent preflight tells what to do.";
}
