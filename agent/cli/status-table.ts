import type { DataSetStatus } from "../../shared/domain/replication/replication-status.ts";
import type { CheckLine } from "../checks/watched-check.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { printable } from "./printable.ts";
import { ringTables } from "./ring-tables.ts";
import { table } from "./table.ts";

const barCells = 20;

/** The status as tables for a terminal. */
export function statusTable(status: AgentStatus): string {
  const { node, cluster, groups, checks, peers, dataSets, cloud, outbox, problems } = status;
  const nameOf = (nodeId: string): string =>
    peers.find((peer) => peer.nodeId === nodeId)?.name ?? (nodeId === node.nodeId ? node.name : nodeId);
  return [
    `${printable(node.name)} (${node.nodeId}), agent ${node.agentVersion}, start ${node.incarnation}, process ${node.pid}, guardian ${node.guardianPid ?? "none"}`,
    ...(status.maintenance === null ? [] : [`In maintenance since ${status.maintenance.since}: ${printable(status.maintenance.reason)}`]),
    ...(node.quarantinedForMs === 0 ? [] : [quarantineLine(node.quarantinedForMs)]),
    `${node.role === "witness" ? "Witness of cluster" : "Cluster"} ${printable(cluster.name)} (${cluster.clusterId}), document version ${cluster.documentVersion}`,
    "",
    table(
      ["GROUP", "STATE HERE", "EPOCH", "HELD BY", "MAY NOT HOLD BECAUSE"],
      groups.map((group) => [
        group.name,
        group.state,
        String(group.epoch),
        group.holderName ?? group.holder ?? "nobody",
        group.ineligible ?? "-",
      ]),
    ),
    "",
    ...(checks.length === 0
      ? []
      : [table(["CHECK", "OF GROUP", "STATE", "FOR", "DETECTS WITHIN", "LAST ERROR"], checks.map(checkRow)), ""]),
    table(
      ["PEER", "REACHABLE", "LAST HEARD"],
      peers.map(({ name, role, reachable, detached, lastHeardMs }) => [
        role === "witness" ? `${name} (witness)` : name,
        reachable ? "yes" : detached ? "no (detached: its agent is being started anew)" : "no",
        ago(lastHeardMs),
      ]),
    ),
    ...pathLines(peers),
    ...hearsLines(status.hears),
    ...probeLines(status.probes),
    "",
    table(
      ["DATA SET", "PHASE", "PROGRESS", "BEHIND", "UNACKNOWLEDGED", "SYNCHRONISES WITH", "PROBLEM"],
      dataSets.map((dataSet) => dataSetRow(dataSet, nameOf)),
    ),
    ...sharedDataLines(status.sharedData),
    "",
    ...ringTables(status, nameOf),
    `Cloud: ${cloud.state} since ${cloud.since}${cloud.state === "connected" ? "" : ` (${printable(cloud.reason)})`}`,
    `Outbox: ${outbox.waiting} events wait for the cloud${outbox.trouble === null ? "" : `; NOT ON DISK: ${printable(outbox.trouble)}`}`,
    ...problems.map((problem) => `Problem: ${printable(problem)}`),
  ].join("\n");
}

function quarantineLine(quarantinedForMs: number): string {
  const leftMin = Math.ceil(quarantinedForMs / 60_000);
  return `In quarantine for ${leftMin} more min: it has left without a word too often. Once it is mended: understudy agent readmit --config FILE`;
}

/** Only where there is more than one way to somebody. */
function pathLines(peers: AgentStatus["peers"]): readonly string[] {
  if (peers.every(({ paths }) => paths.length < 2)) return [];
  const rows = peers.flatMap(({ name, paths }) =>
    paths.map((path) => [path.name, name, path.heard ? "works" : "SILENT", ago(path.lastHeardMs), `${path.suspectAfterMs} ms`]),
  );
  return ["", table(["PATH", "TO", "STATE", "LAST HEARD", "SILENT AFTER"], rows)];
}

/** Rows hear columns. Only where there is somebody to be heard. */
function hearsLines(hears: AgentStatus["hears"]): readonly string[] {
  if (hears.length < 2) return [];
  const rows = hears.map((line) => [
    line.isCurrent ? line.name : `${line.name} (silent: as it told last)`,
    ...hears.map(({ nodeId }) => {
      if (nodeId === line.nodeId) return "-";
      const heard = line.hears.find((other) => other.nodeId === nodeId);
      return heard === undefined ? "never" : ago(heard.lastHeardMs);
    }),
  ]);
  return ["", table(["HEARS", ...hears.map(({ name }) => name)], rows)];
}

function probeLines(probes: AgentStatus["probes"]): readonly string[] {
  if (probes.length === 0) return [];
  const rows = probes.map(({ probe, kind, nodeName, verdict, stateForMs, lastLookMs, reason }) => [
    `${probe} (${kind})`,
    nodeName,
    verdict,
    seconds(stateForMs),
    ago(lastLookMs),
    reason ?? "-",
  ]);
  return ["", table(["SERVICE", "ON", "SEEN FROM HERE", "FOR", "LAST LOOK", "REASON"], rows)];
}

function sharedDataLines(sharedData: AgentStatus["sharedData"]): readonly string[] {
  if (sharedData.length === 0) return [];
  const rows = sharedData.map(({ dataSet, kind, state, stateForMs, lastLookMs, detectsWithinMs, reason }) => [
    `${dataSet} (${kind})`,
    state,
    seconds(stateForMs),
    ago(lastLookMs),
    seconds(detectsWithinMs),
    reason ?? "-",
  ]);
  return ["", table(["SHARED DATABASE", "SEEN FROM HERE", "FOR", "LAST LOOK", "DETECTS WITHIN", "REASON"], rows)];
}

function ago(ms: number | null): string {
  return ms === null ? "never" : `${Math.round(ms)} ms ago`;
}

function checkRow({ name, group, state, stateForMs, isWatched, detectsWithinMs, lastError }: CheckLine): readonly string[] {
  const shown = isWatched ? state : `${state} (not watched)`;
  return [name, group, shown, seconds(stateForMs), seconds(detectsWithinMs), lastError ?? "-"];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function dataSetRow(dataSet: DataSetStatus, nameOf: (nodeId: string) => string): readonly string[] {
  const { unacknowledged, syncingWith } = dataSet;
  const oldest = unacknowledged.changes === 0 ? "" : ` (oldest ${Math.round(unacknowledged.oldestAgeMs)} ms)`;
  const partner =
    syncingWith === undefined ? "nobody" : `${nameOf(syncingWith.nodeId)}${syncingWith.expected ? "" : " (in place of another)"}`;
  return [
    dataSet.name,
    dataSet.phase,
    progressCell(dataSet),
    String(dataSet.behind),
    `${unacknowledged.changes}${oldest}`,
    partner,
    dataSet.problem ?? openConflicts(dataSet) ?? "-",
  ];
}

function openConflicts({ openConflicts: open }: DataSetStatus): string | undefined {
  return open === undefined ? undefined : `conflicts that wait for a decision: ${open} (understudy agent conflicts list --open)`;
}

function progressCell({ progress }: DataSetStatus): string {
  if (progress === undefined) return "-";
  if (progress.step === "checking") return "all of it is here, and is being checked";
  const share = progress.bytesTotal === 0 ? 1 : Math.min(1, progress.bytesDone / progress.bytesTotal);
  const full = Math.round(share * barCells);
  const rate = (progress.bytesPerSecond / 1_048_576).toFixed(1);
  return `[${"#".repeat(full)}${".".repeat(barCells - full)}] ${Math.floor(share * 100)} %, ${rate} MiB/s, ${Math.ceil(progress.etaSeconds)} s left, from ${progress.sources}`;
}
