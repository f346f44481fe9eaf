import type { NodeReport } from "../../shared/domain/monitoring/node-report.ts";
import type { CloudLink } from "../cloud/cloud-link.ts";
import type { EnrolledNode } from "../cloud/enrolled-node.ts";
import type { Outbox } from "../cloud/outbox.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { MainThread } from "../node/main-thread.ts";
import type { NodeCondition } from "../node/node-condition.ts";
import { agentVersion } from "../version.ts";
import type { AgentStatus } from "./agent-status.ts";

/** Where a status comes from. */
export interface StatusSources {
  readonly enrolled: EnrolledNode;
  readonly incarnation: number;
  readonly main: MainThread;
  readonly trust: TrustStore;
  readonly condition: NodeCondition;
  readonly cloud: CloudLink;
  readonly outbox: Outbox;
}

export function buildStatus({ enrolled, incarnation, main, trust, condition, cloud, outbox }: StatusSources): AgentStatus {
  const { document } = trust.current;
  const { nodeId, clusterId } = enrolled;
  const isMember = document.nodes.some((member) => member.nodeId === nodeId);
  return {
    node: { nodeId, name: main.nameOf(nodeId), incarnation, agentVersion, pid: process.pid, guardianPid: main.guardianPid },
    cluster: { clusterId, name: document.name, documentVersion: document.version },
    groups: main.view.groups.map(({ group, state, epoch, holder, ineligible, reason, leaseRemainingMs }) => ({
      name: group,
      state,
      epoch,
      holder,
      holderName: holder === null ? null : main.nameOf(holder),
      ineligible,
      reason,
      leaseRemainingMs,
    })),
    peers: main.view.peers.map((peer) => ({ ...peer, name: main.nameOf(peer.nodeId) })),
    dataSets: condition.dataSets,
    cloud: cloud.state,
    outbox: { waiting: outbox.size, trouble: outbox.trouble },
    problems: isMember ? [] : [`cluster document ${document.version} does not name this node: it was removed, and runs nothing`],
  };
}

export function buildReport({ enrolled, incarnation, main, trust, condition }: StatusSources): NodeReport {
  return {
    clusterId: enrolled.clusterId,
    nodeId: enrolled.nodeId,
    at: new Date().toISOString(),
    agentVersion,
    incarnation,
    documentVersion: trust.current.document.version,
    groups: main.view.groups.map(({ group, state, epoch, holder, ineligible }) => ({
      name: group,
      state,
      epoch,
      holder,
      ...(ineligible === null ? {} : { ineligible }),
    })),
    peers: main.view.peers,
    dataSets: condition.dataSets,
  };
}
