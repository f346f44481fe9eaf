import type { NodeId } from "../ids.ts";
import { describeCertificateEvent, isCertificateEvent } from "./certificate-event.ts";
import type { EventDetail } from "./cluster-event.ts";
import { describeControlPlaneEvent, isControlPlaneEvent } from "./control-plane-event.ts";
import { describeTakeover } from "./describe-takeover.ts";
import { describeDnsEvent, isDnsEvent } from "./dns-event.ts";
import { describeLicenceEvent, isLicenceEvent } from "./licence-event.ts";
import type { PassedOver } from "./replication-event.ts";
import { describeTriggerEvent, isTriggerEvent } from "./trigger-event.ts";

/** One sentence for a person, without the time, or two where there is more to tell. `nameOf` gives a node's display name for its id. */
export function describeEvent(detail: EventDetail, reporter: NodeId, nameOf: (node: NodeId) => string): string {
  const here = nameOf(reporter);
  if (isLicenceEvent(detail)) return describeLicenceEvent(detail, nameOf);
  if (isTriggerEvent(detail)) return describeTriggerEvent(detail, here);
  if (isDnsEvent(detail)) return describeDnsEvent(detail, here, nameOf);
  if (isCertificateEvent(detail)) return describeCertificateEvent(detail, here, nameOf);
  if (isControlPlaneEvent(detail)) return describeControlPlaneEvent(detail, nameOf);
  switch (detail.kind) {
    case "agent.started":
      return `${here}: agent ${detail.agentVersion} started (incarnation ${detail.incarnation})`;
    case "agent.stopping":
      return `${here}: agent is stopping: ${detail.reason}`;
    case "agent.detached":
      return `${here}: agent ${detail.agentVersion} leaves its resources running, to be started again within ${seconds(detail.backWithinMs)}`;
    case "agent.detach-refused":
      return `${here}: the agent cannot leave its resources now: ${detail.reason}`;
    case "agent.readopted":
      return `${here}: agent ${detail.agentVersion} is back after ${seconds(detail.awayMs)} and goes on with what ran on meanwhile (incarnation ${detail.incarnation})`;
    case "node.joined":
      return `${nameOf(detail.node)} joined the cluster`;
    case "node.removed":
      return `${nameOf(detail.node)} was removed from the cluster`;
    case "node.silent":
      return detail.cause === "connection-closed"
        ? `${nameOf(detail.node)} is silent: its connection to ${here} closed ${detail.silentMs} ms after its last heartbeat`
        : `${nameOf(detail.node)} is silent: ${here} has not heard it for ${detail.silentMs} ms`;
    case "path.silent":
      return `path ${detail.path} between ${here} and ${nameOf(detail.node)} is silent: ${here} has heard nothing there for ${seconds(detail.silentMs)}, and hears it on another; nothing moves, and the redundancy is gone`;
    case "path.heard":
      return `path ${detail.path} between ${here} and ${nameOf(detail.node)} works again after ${seconds(detail.silentMs)}`;
    case "node.returned":
      return `${here} hears ${nameOf(detail.node)} again after ${seconds(detail.awayMs)}`;
    case "group.takeover":
      return describeTakeover(detail, here, nameOf);
    case "group.handover":
      return `${here} took group ${detail.group} over from ${nameOf(detail.from)} as planned (${detail.reason}), ${votes(detail)}`;
    case "group.stepped-down":
      return `${here} stepped down from group ${detail.group}: ${detail.reason}`;
    case "group.safe-halt":
      return `nobody may be operational for group ${detail.group}, as ${here} sees it: ${detail.reason}`;
    case "group.nobody-fit":
      return `${here} keeps group ${detail.group} although it is not fit for it, because no other node is: ${detail.reason}`;
    case "group.fit-again":
      return `${here} kept group ${detail.group} while no node was fit for it; that is over after ${seconds(detail.unfitMs)}`;
    case "group.switchover-refused":
      return `${here} keeps group ${detail.group}: ${detail.reason}`;
    case "group.claimed":
      return claimSentence(detail, here, nameOf);
    case "group.takeover-refused":
      return `${here} does not take over group ${detail.group} at an operator's word: ${detail.reason}`;
    case "node.rewound":
      return `${here} has gone back in time (its peers knew incarnation ${detail.seenIncarnation}, it was ${detail.incarnation}) and counts as just started`;
    case "node.cloned":
      return `a second agent with the identity of ${nameOf(detail.node)} connects to ${here} from ${detail.address} and is turned away: that machine's disk is a copy; stop it, and enrol it anew`;
    case "group.flapping":
      return `group ${detail.group} has moved ${detail.moves} times within ${minutes(detail.withinMs)}, now to ${here}: automatic failback waits for ${minutes(detail.frozenForMs)}, or until an operator switches the group over`;
    case "group.settled":
      return `group ${detail.group} has not moved too often any more: ${here} lets automatic failback go by its policy again`;
    case "node.quarantined":
      return `${here} is in quarantine for ${minutes(detail.forMs)}: it has left without a word ${detail.leaves} times within ${minutes(detail.withinMs)}, and takes no group while another node can`;
    case "node.quarantine-over":
      return `${here} is no longer in quarantine`;
    case "node.maintenance-begun":
      return `${here} is in maintenance: ${detail.reason}`;
    case "node.maintenance-over":
      return `${here} is no longer in maintenance, after ${minutes(detail.lastedMs)}`;
    case "drill.completed":
      return `a drill on ${here} went well: ${detail.way === "health" ? "its health was made to fail" : "it was asked to switch over"}, and group ${detail.group} went to ${nameOf(detail.to)}${detail.silence === null ? "" : `, silent for ${detail.silence.atLeastMs} to ${detail.silence.atMostMs} ms`}`;
    case "drill.failed":
      return `a drill of group ${detail.group} on ${here} failed, and what it had made fail is well again: ${detail.reason}`;
    case "quorum.degraded":
      return `${here} reaches only ${detail.reachable} of ${detail.voters} voters: another loss may stop the service`;
    case "quorum.restored":
      return `${here} reaches ${detail.reachable} of ${detail.voters} voters again`;
    case "service.failed":
      return `service ${detail.service} of group ${detail.group} failed on ${here}: ${detail.reason}`;
    case "service.restarted":
      return `service ${detail.service} of group ${detail.group} died on ${here} and was started anew there: ${detail.reason}`;
    case "check.failed":
      return `check ${detail.check} of group ${detail.group} failed on ${here}: ${detail.reason}`;
    case "check.recovered":
      return `check ${detail.check} of group ${detail.group} is well again on ${here}, ${seconds(detail.failedMs)} after it began to fail`;
    case "shared-data.failed":
      return `${here} finds that the shared database ${detail.dataSet} does not answer: ${detail.reason}`;
    case "shared-data.recovered":
      return `the shared database ${detail.dataSet} answers ${here} again, ${seconds(detail.failedMs)} after it began to fail`;
    case "service.left-behind":
      return `${here} stopped service ${detail.service}, which an earlier run had left behind: ${detail.reason}`;
    case "address.failed":
      return `${here} cannot hold address ${detail.name} of group ${detail.group}: ${detail.reason}`;
    case "address.conflict":
      return `${detail.address} of group ${detail.group} is also held by ${detail.mac}, which is not the node that may: ${here} has claimed it; find that device and take the address off it`;
    case "address.left-behind":
      return `${here} took off address ${detail.name}, which an earlier run had left behind: ${detail.reason}`;
    case "loop.late":
      return `${here} was itself late by ${detail.lateMs} ms and accused nobody meanwhile`;
    case "replication.snapshot-started":
      return `${here} receives data set ${detail.dataSet} from ${nameOf(detail.donor)} (${bytes(detail.bytesTotal)})`;
    case "replication.snapshot-finished":
      return `${here} has data set ${detail.dataSet}: ${detail.rows} rows from ${nameOf(detail.donor)} in ${seconds(detail.durationMs)}`;
    case "replication.log-filling":
      return `${here} keeps for ${nameOf(detail.node)} what that one lacks of ${detail.dataSet}, and has used up ${detail.usedPercent} % of the ${detail.of === "changes" ? "number of changes" : "days"} for which it may: bring ${nameOf(detail.node)} back before, or it will take a fresh copy`;
    case "replication.resync-started":
      return `${here} takes a fresh copy of data set ${detail.dataSet} and carries over what it alone has: ${detail.reason}`;
    case "replication.resync-finished":
      return `${here} has a fresh copy of data set ${detail.dataSet}: ${detail.rows} rows from ${nameOf(detail.donor)}, and ${detail.carried} changes carried over, in ${seconds(detail.durationMs)}`;
    case "replication.resync-failed":
      return `${here} has no fresh copy of data set ${detail.dataSet} yet, its data are as they were, and it tries again: ${detail.reason}`;
    case "replication.bypass":
      return `${here} synchronises ${detail.dataSet} with ${nameOf(detail.using)} in place of ${nameOf(detail.expected)}: ${reasons(detail, nameOf)}`;
    case "replication.failback":
      return `${here} synchronises ${detail.dataSet} with ${nameOf(detail.peer)} again, as the ring says`;
    case "replication.no-peer":
      return `${here} has nobody to synchronise ${detail.dataSet} with: ${reasons(detail, nameOf)}`;
    case "replication.caught-up":
      return `${here} has caught up with ${detail.dataSet}: ${detail.changes} changes in ${seconds(detail.durationMs)}`;
    case "replication.merged":
      return `${here} merged ${detail.changes} changes of ${detail.dataSet} that ${nameOf(detail.from)} alone had held (${detail.conflicts} conflicts)`;
    case "data.drift": {
      const { rows, from, to, repaired } = detail;
      const what = `${rows} ${rows === 1 ? "row" : "rows"} of table ${detail.table} of ${detail.dataSet} (key ${from === to ? from : `${from} to ${to}`})`;
      const others =
        detail.nodes.length === 0
          ? "another node has"
          : `${detail.nodes.map(nameOf).join(", ")} ${detail.nodes.length === 1 ? "has" : "have"}`;
      if (repaired === rows) return `${here} put ${what} right, which were not what ${others}; what they were is in its conflict journal`;
      return `${here} does not have ${what} as ${others} them${repaired === 0 ? "" : `, and put ${repaired} of them right`}: its status says what to do`;
    }
    case "replication.rewound":
      return `${here} has an older ${detail.dataSet} than it had once: ${nameOf(detail.from)} has ${detail.changes} changes that were made on ${here} and are missing there; they are fetched back, and what is written on ${here} from now on counts anew`;
    case "replication.conflicts-open":
      return `${detail.open} conflicts of ${detail.dataSet} wait on ${here} for somebody to decide: understudy agent conflicts list --open`;
    case "files.set_aside": {
      const others = detail.paths > detail.first.length ? ", ..." : "";
      return `${here} has set aside ${detail.paths} ${detail.paths === 1 ? "path" : "paths"} of ${detail.dataSet} that were changed there (${detail.first.join(", ")}${others}), and put the writer's back: look in .understudy/conflicts of the tree`;
    }
    case "replication.refused":
      return `${here} cannot replicate ${detail.dataSet}: ${detail.reason}`;
    case "replication.ready":
      return `${here} replicates ${detail.dataSet} again, after ${minutes(detail.refusedMs)}`;
    case "replication.stale":
      return `what ${here} shows of ${nameOf(detail.origin)} in ${detail.dataSet} is ${seconds(detail.ageMs)} old, and may be ${seconds(detail.limitMs)}`;
    case "replication.fresh":
      return `what ${here} shows of ${nameOf(detail.origin)} in ${detail.dataSet} is fresh again, after ${minutes(detail.staleMs)}`;
    case "clock.skewed":
      return clockSentence(detail, nameOf);
    case "clock.aligned":
      return detail.than === null
        ? `the clock of ${nameOf(detail.node)} is right again, after ${minutes(detail.skewedMs)}`
        : `the clocks of ${nameOf(detail.node)} and ${nameOf(detail.than)} agree again, after ${minutes(detail.skewedMs)}`;
    case "outbox.overflow":
      return `${here} dropped ${detail.dropped} informational events: the cloud was away for too long`;
    case "document.refused":
      return `${here} refused a cluster document: ${detail.reason}`;
    case "preflight.overridden":
      return `${here} has joined at an operator's word although checks of its server had failed: ${detail.checks.join(", ")}`;
  }
}

type Claim = Extract<EventDetail, { kind: "group.claimed" }>;

function claimSentence({ group, from, silentMs, by, reason }: Claim, here: string, nameOf: (node: NodeId) => string): string {
  const whose = from === null ? "" : ` from ${nameOf(from)}`;
  const since = silentMs === null ? "not heard since this agent started" : `silent for ${seconds(silentMs)}`;
  return `${here} goes on alone with group ${group}${whose} (${since}), ${by === "operator" ? "because an operator says so" : "by itself"}: ${reason}`;
}

function clockSentence(
  { node, than, aheadMs, limitMs }: Extract<EventDetail, { kind: "clock.skewed" }>,
  nameOf: (node: NodeId) => string,
): string {
  const by = `${seconds(Math.abs(aheadMs))} ${aheadMs < 0 ? "behind" : "ahead of"}`;
  const limit = `more than the ${seconds(limitMs)} that are allowed`;
  if (than === null) return `the clock of ${nameOf(node)} is ${by} what a majority of the nodes says, ${limit}: set it right`;
  return `the clock of ${nameOf(node)} is ${by} that of ${nameOf(than)}, ${limit}, and there is no majority to say which is wrong: set it right`;
}

/** One reason for each node that was to be taken first. */
function reasons(
  { reason, passedOver }: { readonly reason: string; readonly passedOver?: readonly PassedOver[] },
  nameOf: (node: NodeId) => string,
): string {
  if (passedOver === undefined || passedOver.length < 2) return reason;
  return passedOver.map((one) => `${nameOf(one.node)}: ${one.reason}`).join("; ");
}

function votes(counted: { readonly votes: number; readonly voters: number }): string {
  return `${counted.votes} of ${counted.voters} votes`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function minutes(ms: number): string {
  return ms < 60_000 ? seconds(ms) : `${Math.ceil(ms / 60_000)} min`;
}

function bytes(count: number): string {
  if (count < 1_024) return `${count} bytes`;
  const kib = count / 1_024;
  return kib < 1_024 ? `${kib.toFixed(0)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}
