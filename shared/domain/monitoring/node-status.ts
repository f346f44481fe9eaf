import type { GroupName, NodeId } from "../ids.ts";
import type { ClusterNode } from "../membership/cluster-document.ts";
import { type Member, membersOf } from "../membership/members.ts";
import type { NodeReport } from "./node-report.ts";
import { nameOfNode, type Observation, presenceOf, reportOf } from "./observation.ts";

/**
 * - `up`: the cloud hears it, and no connected peer says otherwise.
 * - `isolated`: the cloud hears it, but no other connected node does.
 * - `offline`: the cloud does not hear it, but a connected peer does: it works, and only its way to the cloud is broken.
 * - `down`: neither the cloud nor any connected peer hears it.
 * - `unknown`: no node of the site has a connection, so nobody can tell.
 * - `joining`: it is in the cluster document, and has never been heard.
 */
export type NodeCondition = "up" | "isolated" | "offline" | "down" | "unknown" | "joining";

export interface MemberStatus {
  readonly nodeId: NodeId;
  readonly name: string;
  /** False: a learner (cluster-document.ts). */
  readonly voting: boolean;
  readonly condition: NodeCondition;
  /** One sentence for people, without the node's name. */
  readonly reason: string;
  /** ISO 8601 UTC; null where nobody knows. */
  readonly since: string | null;
  readonly connected: boolean;
  readonly report: NodeReport | null;
}

export interface NodeStatus extends MemberStatus {
  readonly role: ClusterNode["role"];
  /** Groups that this node says it holds. Whether it is right is the group's status (group-status.ts). */
  readonly claims: readonly GroupName[];
}

/** A node whose own words still count: it is alive as far as anyone can tell. */
export function isAlive(node: NodeStatus): boolean {
  return node.condition === "up" || node.condition === "isolated" || node.condition === "offline";
}

export function nodeStatus(observation: Observation, node: ClusterNode): NodeStatus {
  const presence = presenceOf(observation, node.nodeId);
  const report = reportOf(observation, node.nodeId) ?? null;
  const verdict = judge(observation, node);
  return {
    nodeId: node.nodeId,
    name: node.name,
    role: node.role,
    voting: node.voting,
    ...verdict,
    connected: presence?.connected === true,
    report,
    claims: report === null ? [] : report.groups.filter((group) => group.state === "operational").map((group) => group.name),
  };
}

/** The witness, in the same words. Null: the cluster has none. */
export function witnessStatus(observation: Observation): MemberStatus | null {
  const { witness } = observation.document;
  if (witness === undefined) return null;
  const { nodeId, name, voting } = witness;
  if (witness.kind === "cloud") return { nodeId, name, voting, ...cloudVerdict(observation, nodeId), connected: true, report: null };
  const connected = presenceOf(observation, nodeId)?.connected === true;
  return { nodeId, name, voting, ...judge(observation, witness), connected, report: reportOf(observation, nodeId) ?? null };
}

/** The control plane answers here: what counts is which nodes it answers. */
function cloudVerdict(observation: Observation, witness: NodeId): Verdict {
  const opinions = peerOpinions(observation, witness);
  const hearers = opinions.filter(({ reachable }) => reachable).map(({ by }) => nameOfNode(observation.document.nodes, by));
  if (hearers.length > 0) return { condition: "up", reason: `answers ${hearers.join(" and ")}`, since: null };
  if (opinions.length === 0) return { condition: "joining", reason: "no node has asked it yet", since: null };
  return { condition: "isolated", reason: "no node reaches it", since: null };
}

type Verdict = Pick<MemberStatus, "condition" | "reason" | "since">;

function judge(observation: Observation, node: Pick<Member, "nodeId">): Verdict {
  const presence = presenceOf(observation, node.nodeId);
  const opinions = peerOpinions(observation, node.nodeId);
  const hearers = opinions.filter((opinion) => opinion.reachable).map((opinion) => nameOfNode(membersOf(observation.document), opinion.by));
  const silentSince = silentSinceOf(observation, node.nodeId);

  if (presence?.connected === true) {
    if (opinions.length === 0 || hearers.length > 0) return { condition: "up", reason: "connected to the cloud", since: presence.since };
    return { condition: "isolated", reason: "reaches the cloud, but no other node hears it", since: silentSince };
  }
  if (presence === undefined && reportOf(observation, node.nodeId) === undefined && hearers.length === 0) {
    return { condition: "joining", reason: "enrolled, and not heard yet: start its agent", since: null };
  }
  const since = presence?.since ?? null;
  if (hearers.length > 0) {
    return { condition: "offline", reason: `no contact with the cloud; ${hearers.join(" and ")} still ${verb(hearers)} it`, since };
  }
  if (opinions.length > 0) {
    return { condition: "down", reason: "silent: neither the cloud nor any other node hears it", since: silentSince ?? since };
  }
  const siteIsSilent = !observation.presence.some((other) => other.connected);
  if (siteIsSilent && observation.document.nodes.length > 1) {
    return { condition: "unknown", reason: "no node of this site has contact with the cloud", since };
  }
  return { condition: "down", reason: "silent: the cloud does not hear it", since: silentSince ?? since };
}

/** What the connected nodes say of another one. A node without a connection may be telling of long ago, so it is not asked. */
function peerOpinions(observation: Observation, about: NodeId): readonly { readonly by: NodeId; readonly reachable: boolean }[] {
  return observation.reports
    .filter((report) => report.nodeId !== about && presenceOf(observation, report.nodeId)?.connected === true)
    .flatMap((report) =>
      report.peers.filter((peer) => peer.nodeId === about).map((peer) => ({ by: report.nodeId, reachable: peer.reachable })),
    );
}

function silentSinceOf(observation: Observation, nodeId: NodeId): string | null {
  for (const { at, detail } of observation.events) {
    if (detail.kind === "node.returned" && detail.node === nodeId) return null;
    if (detail.kind === "node.silent" && detail.node === nodeId) return at;
  }
  return null;
}

function verb(hearers: readonly string[]): string {
  return hearers.length === 1 ? "hears" : "hear";
}
