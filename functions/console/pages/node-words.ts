import type { NodeId } from "../../../shared/domain/ids.ts";
import type { GroupStatus } from "../../../shared/domain/monitoring/group-status.ts";
import { isAlive, type MemberStatus, type NodeCondition, type NodeStatus } from "../../../shared/domain/monitoring/node-status.ts";
import type { Tone } from "./icons.ts";

const toneOfCondition: Readonly<Record<NodeCondition, Tone>> = {
  up: "ok",
  isolated: "warn",
  offline: "warn",
  down: "bad",
  unknown: "unknown",
  joining: "info",
};

export const wordOfCondition: Readonly<Record<NodeCondition, string>> = {
  up: "Up",
  isolated: "Isolated",
  offline: "No cloud",
  down: "Down",
  unknown: "Unknown",
  joining: "Joining",
};

/** How the node is as a machine. */
export function toneOfNode(node: MemberStatus): Tone {
  return toneOfCondition[node.condition];
}

/** How the node is as a protector of its cluster: alive is not enough where it may take over nothing. */
export function toneOfStanding(node: NodeStatus, groups: readonly GroupStatus[]): Tone {
  return isAlive(node) && mayTakeNothing(node.nodeId, groups) ? "warn" : toneOfNode(node);
}

function mayTakeNothing(nodeId: NodeId, groups: readonly GroupStatus[]): boolean {
  const memberships = groups.flatMap((group) => group.order.filter((member) => member.nodeId === nodeId));
  return memberships.length > 0 && memberships.every((member) => member.standing === "ineligible");
}

export function groupsHeldBy(nodeId: NodeId, groups: readonly GroupStatus[]): readonly string[] {
  return groups.filter((group) => group.holder === nodeId).map((group) => group.name);
}

/** One word for what the node is to its cluster now. */
export function standingWord(node: NodeStatus, groups: readonly GroupStatus[]): string {
  if (!isAlive(node)) return wordOfCondition[node.condition].toLowerCase();
  if (groups.some((group) => group.holder === node.nodeId)) return "operational";
  if (groups.some((group) => group.moving?.node === node.nodeId)) return "changing";
  return mayTakeNothing(node.nodeId, groups) ? "not eligible" : "standby";
}

export interface SnapshotView {
  /** From 0 to 1. */
  readonly part: number;
  readonly percent: number;
  /** "12.0 of 48.0 MiB, 8.1 MiB/s, 5 s left" */
  readonly detail: string;
}

/** The snapshot that the node is receiving, the least advanced where there are several; null where there is none. */
export function snapshotOf(node: NodeStatus): SnapshotView | null {
  if (!isAlive(node)) return null;
  const views = (node.report?.dataSets ?? []).flatMap((set) => {
    if (set.phase !== "receiving-snapshot") return [];
    const { bytesDone, bytesTotal, bytesPerSecond, etaSeconds } = set.progress ?? {
      bytesDone: 0,
      bytesTotal: 0,
      bytesPerSecond: 0,
      etaSeconds: 0,
    };
    const part = bytesTotal === 0 ? 0 : Math.min(1, bytesDone / bytesTotal);
    const detail =
      bytesTotal === 0
        ? "starting"
        : `${mebibytes(bytesDone)} of ${mebibytes(bytesTotal)} MiB, ${mebibytes(bytesPerSecond)} MiB/s, ${Math.ceil(etaSeconds)} s left`;
    return [{ part, percent: Math.floor(part * 100), detail }];
  });
  return views.toSorted((a, b) => a.part - b.part)[0] ?? null;
}

/** Changes that a peer has and this node has not applied, over all data sets. */
export function behindOf(node: NodeStatus): number {
  return isAlive(node) ? (node.report?.dataSets ?? []).reduce((sum, set) => sum + set.behind, 0) : 0;
}

/** At most so many letters, with the middle left out. */
export function shortened(name: string, lengthMax: number): string {
  const letters = Array.from(name);
  if (letters.length <= lengthMax) return name;
  const tail = Math.floor((lengthMax - 1) / 2);
  return `${letters.slice(0, lengthMax - 1 - tail).join("")}…${letters.slice(letters.length - tail).join("")}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
