import { exchangeSettings } from "../../shared/config/replication.ts";
import type { PeerViewLine } from "../../shared/domain/failover/node-view.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { lanWitnessOf, type MemberRole } from "../../shared/domain/membership/members.ts";
import type { NodeReport, PeerReport } from "../../shared/domain/monitoring/node-report.ts";
import { type RingAlarm, ringAlarms } from "../../shared/domain/monitoring/ring-alarms.ts";
import type { Answers } from "../answers/open-answers.ts";
import type { CheckBoard } from "../checks/check-board.ts";
import type { ProbeBoard } from "../checks/probe-board.ts";
import type { CloudLink } from "../cloud/cloud-link.ts";
import type { EnrolledNode } from "../cloud/enrolled-node.ts";
import type { Outbox } from "../cloud/outbox.ts";
import type { TrustStore } from "../cloud/trust-store.ts";
import type { WitnessClient } from "../cloud/witness-client.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import type { CertificateKeeper } from "../node/certificate-keeper.ts";
import { certificateProblems } from "../node/certificate-problems.ts";
import type { MainThread } from "../node/main-thread.ts";
import type { Maintenance } from "../node/maintenance.ts";
import type { NodeCondition } from "../node/node-condition.ts";
import type { PreflightWatch } from "../preflight/preflight-watch.ts";
import type { SharedDataBoard } from "../shared-data/shared-data-board.ts";
import type { Triggers } from "../triggers/open-triggers.ts";
import { agentVersion } from "../version.ts";
import type { AgentStatus, HearsLine } from "./agent-status.ts";

/** Where a status comes from. */
export interface StatusSources {
  readonly enrolled: EnrolledNode;
  readonly incarnation: number;
  readonly listen: AgentSettings["listen"];
  readonly main: MainThread;
  readonly trust: TrustStore;
  readonly condition: NodeCondition;
  readonly checks: CheckBoard;
  readonly probes: ProbeBoard;
  readonly sharedData: SharedDataBoard;
  readonly maintenance: Maintenance;
  readonly cloud: CloudLink;
  readonly outbox: Outbox;
  readonly cloudVote: Pick<WitnessClient, "report">;
  readonly certificates: Pick<CertificateKeeper, "inUse" | "standing">;
  readonly answers: Pick<Answers, "problems">;
  readonly triggers: Pick<Triggers, "problems" | "recentRuns">;
  readonly preflight: Pick<PreflightWatch, "report">;
}

export function buildStatus(sources: StatusSources): AgentStatus {
  const {
    enrolled,
    incarnation,
    listen,
    main,
    trust,
    condition,
    checks,
    probes,
    sharedData,
    maintenance,
    cloud,
    outbox,
    answers,
    triggers,
    certificates,
  } = sources;
  const { document } = trust.current;
  const { nodeId, clusterId } = enrolled;
  const certificate = certificates.standing;
  const { quarantinedForMs } = main.view;
  return {
    node: {
      nodeId,
      name: main.nameOf(nodeId),
      role: roleOf(document, nodeId),
      incarnation,
      agentVersion,
      pid: process.pid,
      guardianPid: main.guardianPid,
      quarantinedForMs,
    },
    maintenance: maintenance.work,
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
    peers: main.view.peers.map(({ problems: _problems, hears: _hears, ...peer }) => ({
      ...peer,
      name: main.nameOf(peer.nodeId),
      role: roleOf(document, peer.nodeId),
    })),
    hears: hearing(main, nodeId),
    probes: probes.lines,
    checks: checks.lines,
    dataSets: condition.dataSets,
    ring: condition.ring,
    alarms: alarmsOf(sources),
    sharedData: sharedData.lines,
    cloud: cloud.state,
    certificate,
    outbox: { waiting: outbox.size, trouble: outbox.trouble },
    problems: [
      ...addressProblems(document, nodeId, listen),
      ...checkProblems(document, checks),
      ...sharedDataProblems(document, nodeId, sharedData),
      ...answers.problems(),
      ...triggers.problems(),
      ...certificateProblems(certificate, Date.now()),
      ...(trust.held === null ? [] : [`cluster document ${trust.held.reason}`]),
    ],
  };
}

/** Who hears whom, as this node sees it and as the others have told it: a link that works one way only shows on one side. */
function hearing(main: Pick<MainThread, "view" | "nameOf">, self: NodeId): readonly HearsLine[] {
  const { peers } = main.view;
  const own = peers.map(({ nodeId, lastHeardMs }) => ({ nodeId, lastHeardMs }));
  return [{ nodeId: self, reachable: true, hears: own }, ...peers].map(({ nodeId, reachable, hears }) => ({
    nodeId,
    name: main.nameOf(nodeId),
    isCurrent: reachable,
    hears: hears.map((heard) => ({ ...heard, name: main.nameOf(heard.nodeId) })),
  }));
}

function alarmsOf({ enrolled, main, condition }: StatusSources): readonly RingAlarm[] {
  const { dataSets, ring } = condition;
  if (ring === null) return [];
  const heard = main.view.peers.flatMap(({ nodeId, reachable }) => (reachable ? [nodeId] : []));
  return ringAlarms(enrolled.nodeId, { dataSets, ring, heard, ageMsMax: exchangeSettings.ageMsMax }, (node) => main.nameOf(node));
}

function roleOf({ witness }: ClusterDocument, nodeId: NodeId): MemberRole {
  return witness?.nodeId === nodeId ? "witness" : "node";
}

/** The others reach this node at the address in the document: where the agent listens elsewhere, nobody hears it. */
function addressProblems(document: ClusterDocument, nodeId: NodeId, listen: AgentSettings["listen"]): string[] {
  const witness = lanWitnessOf(document);
  if (witness?.nodeId === nodeId) return differences(document, listen, witness, ["host", "heartbeatPort"]);
  const member = document.nodes.find((node) => node.nodeId === nodeId);
  if (member === undefined) return [`cluster document ${document.version} does not name this node: it was removed, and runs nothing`];
  const [own, named] = [listen.paths, Object.fromEntries((member.paths ?? []).map(({ name, host }) => [name as string, host]))];
  const paths = [...new Set([...Object.keys(own), ...Object.keys(named)])].filter((name) => own[name] !== named[name]);
  return [
    ...differences(document, listen, member, ["host", "heartbeatPort", "replicationPort"]),
    ...paths.map((name) => unequal(`listen.paths.${name}`, own[name], named[name], document)),
  ];
}

function differences<Field extends "host" | "heartbeatPort" | "replicationPort">(
  document: ClusterDocument,
  listen: AgentSettings["listen"],
  member: Readonly<Record<Field, string | number>>,
  fields: readonly Field[],
): string[] {
  return fields
    .filter((field) => member[field] !== listen[field])
    .map((field) => unequal(`listen.${field}`, listen[field], member[field], document));
}

type Value = string | number | undefined;

function unequal(setting: string, own: Value, named: Value, { version }: ClusterDocument): string {
  return `${setting} is ${own ?? "missing"} in the settings and ${named ?? "missing"} in cluster document ${version}: make them equal`;
}

function checkProblems(document: ClusterDocument, checks: CheckBoard): string[] {
  return checks
    .unknownGroups(document.groups.map(({ name }) => name))
    .map((group) => `the settings have checks of group ${group}, which cluster document ${document.version} does not name`);
}

/** A witness has no data to do with. */
function sharedDataProblems(document: ClusterDocument, nodeId: NodeId, { problems }: SharedDataBoard): readonly string[] {
  return roleOf(document, nodeId) === "witness" ? [] : problems;
}

export function buildReport(sources: StatusSources): NodeReport {
  const { enrolled, incarnation, main, condition, cloudVote: client, triggers, certificates, preflight } = sources;
  const cloudVote = client.report();
  const alarms = alarmsOf(sources);
  const triggerRuns = triggers.recentRuns();
  return {
    clusterId: enrolled.clusterId,
    nodeId: enrolled.nodeId,
    at: new Date().toISOString(),
    agentVersion,
    incarnation,
    documentVersion: main.view.documentVersion,
    certificateSha256: certificates.inUse.certificateSha256,
    groups: main.view.groups.map(({ group, state, epoch, holder, ineligible }) => ({
      name: group,
      state,
      epoch,
      holder,
      ...(ineligible === null ? {} : { ineligible }),
    })),
    peers: main.view.peers.map(reportedPeer),
    dataSets: condition.dataSets,
    ...(alarms.length === 0 ? {} : { alarms }),
    ...(cloudVote === null ? {} : { cloudVote }),
    ...(triggerRuns.length === 0 ? {} : { triggerRuns }),
    ...(preflight.report === null ? {} : { preflight: preflight.report }),
  };
}

/** Where there is only one path, whether the peer is heard says it all. */
function reportedPeer({ nodeId, reachable, lastHeardMs, paths }: PeerViewLine): PeerReport {
  const heard = paths.map((path) => ({ name: path.name, heard: path.heard }));
  return { nodeId, reachable, lastHeardMs, ...(heard.length > 1 ? { paths: heard } : {}) };
}
