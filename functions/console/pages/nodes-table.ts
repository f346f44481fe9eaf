import { html } from "hono/html";
import type { Certified } from "../../../shared/domain/membership/certificates.ts";
import { pathsOf } from "../../../shared/domain/membership/lan-path.ts";
import { cloudWitnessOf, lanWitnessOf } from "../../../shared/domain/membership/members.ts";
import type { ClusterStatus } from "../../../shared/domain/monitoring/cluster-status.ts";
import type { MemberStatus, NodeStatus } from "../../../shared/domain/monitoring/node-status.ts";
import type { DataSetStatus } from "../../../shared/domain/replication/replication-status.ts";
import type { ObservedCluster } from "../console-data.ts";
import { badge } from "./icons.ts";
import type { Html } from "./markup.ts";
import { dayOf, duration, relativeTime } from "./moment.ts";
import { groupsHeldBy, snapshotOf, toneOfNode, wordOfCondition } from "./node-words.ts";

export function nodesTable(status: ClusterStatus, observed: ObservedCluster): Html {
  return html`<div class="table-scroll"><table class="rows nodes-table">
    <thead><tr>
      <th scope="col">Node</th><th scope="col">State</th><th scope="col">Operational for</th><th scope="col">Heard by peers</th>
      <th scope="col">Cloud</th><th scope="col">Data</th><th scope="col">Agent</th>
    </tr></thead>
    <tbody>${status.nodes.map((node) => nodeRow(node, status, observed))}${status.witness === null ? "" : witnessRow(status.witness, observed)}</tbody>
  </table></div>`;
}

function nodeRow(node: NodeStatus, status: ClusterStatus, observed: ObservedCluster): Html {
  const held = groupsHeldBy(node.nodeId, status.groups);
  const member = observed.observation.document.nodes.find((candidate) => candidate.nodeId === node.nodeId);
  const addresses = member === undefined ? [] : pathsOf(member).map(({ host }) => host);
  return html`<tr id="row-${node.nodeId}">
    <th scope="row" data-label="Node">${node.name}<span class="sub">${node.role}${node.voting ? "" : ", learner"} · ${addresses.join(", ")}</span></th>
    <td data-label="State">${badge(toneOfNode(node), wordOfCondition[node.condition])}
      ${node.condition === "up" ? "" : html`<span class="sub">${node.reason}</span>`}
      ${node.since === null ? "" : html`<span class="sub number">${duration(node.since)}</span>`}</td>
    <td data-label="Operational for">${held.length === 0 ? html`<span class="muted">–</span>` : held.map((group) => html`<span class="chip">${group}</span>`)}
      ${held.length > 0 && node.condition === "unknown" ? html`<span class="sub">when last heard</span>` : ""}</td>
    <td data-label="Heard by peers" class="number">${heardBy(node, observed)}</td>
    <td data-label="Cloud" class="number">${cloudCell(node, observed)}</td>
    <td data-label="Data">${dataCell(node)}</td>
    <td data-label="Agent" class="number">${node.report === null ? html`<span class="muted">–</span>` : node.report.agentVersion}${certificateEnd(member)}</td>
  </tr>`;
}

/** By when it must have renewed its certificate; of one that is older than that question nothing is known. */
function certificateEnd(member: Certified | undefined): Html {
  const until = member?.nextCertificate?.term.until ?? member?.certificateTerm?.until;
  return until === undefined ? html`` : html`<span class="sub">certificate until ${dayOf(until)}</span>`;
}

/** A voter and nothing else: it has no data, and nothing runs there. */
function witnessRow(witness: MemberStatus, observed: ObservedCluster): Html {
  const nothing = html`<span class="muted">–</span>`;
  const vote = witness.voting ? "votes where the nodes alone do not suffice" : "has no vote now";
  return html`<tr id="row-${witness.nodeId}">
    <th scope="row" data-label="Node">${witness.name}<span class="sub">witness · ${lanWitnessOf(observed.observation.document)?.host ?? "the control plane"}</span></th>
    <td data-label="State">${badge(toneOfNode(witness), wordOfCondition[witness.condition])}
      <span class="sub">${witness.condition === "up" ? vote : witness.reason}</span>
      ${witness.since === null ? "" : html`<span class="sub number">${duration(witness.since)}</span>`}</td>
    <td data-label="Operational for">${nothing}</td>
    <td data-label="Heard by peers" class="number">${heardBy(witness, observed)}</td>
    <td data-label="Cloud" class="number">${cloudWitnessOf(observed.observation.document) === null ? cloudCell(witness, observed) : answersIn(observed)}</td>
    <td data-label="Data">${nothing}</td>
    <td data-label="Agent" class="number">${witness.report === null ? nothing : witness.report.agentVersion}</td>
  </tr>`;
}

/** How soon the control plane has answered the nodes that ask it for its vote: of the slowest of them. */
function answersIn({ observation }: ObservedCluster): Html {
  const slowest = observation.reports
    .flatMap(({ cloudVote }) => cloudVote ?? [])
    .toSorted((one, other) => (other.p99Ms ?? 0) - (one.p99Ms ?? 0))[0];
  if (slowest === undefined || slowest.p99Ms === null) return html`<span class="muted">–</span>`;
  return html`${Math.round(slowest.p50Ms ?? 0)} ms<span class="sub">99 %: ${Math.round(slowest.p99Ms)} ms</span>`;
}

/** What the connected peers say; the age is that of their own report. */
function heardBy(node: MemberStatus, { observation }: ObservedCluster): Html {
  const connected = new Set(observation.presence.filter((presence) => presence.connected).map((presence) => presence.nodeId));
  const opinions = observation.reports
    .filter((report) => report.nodeId !== node.nodeId && connected.has(report.nodeId))
    .flatMap((report) => report.peers.filter((peer) => peer.nodeId === node.nodeId));
  if (opinions.length === 0) return html`<span class="muted">–</span>`;
  const ages = opinions.flatMap((peer) => (peer.lastHeardMs === null ? [] : [peer.lastHeardMs]));
  const count = `${opinions.filter((peer) => peer.reachable).length} of ${opinions.length}`;
  return ages.length === 0 ? html`${count}` : html`${count}<span class="sub">last ${age(Math.min(...ages))}</span>`;
}

function cloudCell(node: MemberStatus, { observation, reportedAt }: ObservedCluster): Html {
  const presence = observation.presence.find((candidate) => candidate.nodeId === node.nodeId);
  const reported = reportedAt.get(node.nodeId);
  if (presence === undefined) return html`<span class="muted">never seen</span>`;
  const word = presence.connected ? html`connected` : html`not connected`;
  return reported === undefined ? word : html`${word}<span class="sub">report ${relativeTime(reported)}</span>`;
}

function dataCell(node: NodeStatus): Html {
  const sets = node.report?.dataSets ?? [];
  if (sets.length === 0) return html`<span class="muted">–</span>`;
  if (node.condition === "down" || node.condition === "unknown")
    return html`<span class="muted">as last reported:</span> ${sets.map((set) => dataSetLine(set, node))}`;
  return html`${sets.map((set) => dataSetLine(set, node))}`;
}

function dataSetLine(set: DataSetStatus, node: NodeStatus): Html {
  return html`<div class="data-set"><strong>${set.name}</strong> ${dataSetWords(set, node)}</div>`;
}

function dataSetWords(set: DataSetStatus, node: NodeStatus): Html {
  switch (set.phase) {
    case "waiting-for-database":
      return html`<span class="words-warn">waiting for its database</span>${problemOf(set)}`;
    case "receiving-snapshot": {
      const snapshot = snapshotOf(node);
      return snapshot === null ? html`receiving` : html`receiving ${snapshot.percent} %<span class="sub number">${snapshot.detail}</span>`;
    }
    case "refused":
      return html`<span class="words-bad">refused</span>${problemOf(set)}`;
    case "following":
      return html`${followingWords(set)}${problemOf(set)}`;
  }
}

function followingWords(set: DataSetStatus): Html {
  const open = set.openConflicts ?? 0;
  const conflicts =
    open === 0 ? html`` : html`<span class="words-warn number">${open} open ${open === 1 ? "conflict" : "conflicts"}</span>`;
  return html`${stepWords(set)}${conflicts}`;
}

function stepWords(set: DataSetStatus): Html {
  const lag = set.behind === 0 ? html`in step` : html`<span class="words-warn number">${set.behind} behind</span>`;
  const { changes, oldestAgeMs } = set.unacknowledged;
  return changes === 0 ? lag : html`${lag}<span class="sub number">${changes} unacknowledged, oldest ${age(oldestAgeMs)}</span>`;
}

function problemOf(set: DataSetStatus): Html {
  return set.problem === undefined ? html`` : html`<span class="sub">${set.problem}</span>`;
}

function age(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
