import type { NodeId } from "../../shared/domain/ids.ts";
import type { AgentStatus } from "../local/agent-status.ts";
import { table } from "./table.ts";

/** The alarms, the clocks, and who shows how old data of whom; each followed by an empty line. Nothing of a node that is alone, or has no data. */
export function ringTables(status: AgentStatus, nameOf: (nodeId: string) => string): readonly string[] {
  const { ring, alarms } = status;
  if (ring === null || ring.expected === null) return [];
  return [alarmTable(alarms), clockTable(status), ...ageTables(ring.ages, nameOf)].flatMap((lines) => [lines, ""]);
}

function alarmTable(alarms: AgentStatus["alarms"]): string {
  return table(
    ["ALARM", "OF", "COLOUR", "BECAUSE"],
    alarms.map(({ name, dataSet, colour, reason }) => [name, dataSet ?? "this node", colour, reason || "-"]),
  );
}

/** Clocks as this node has measured them. */
export function clockTable({ ring, peers }: Pick<AgentStatus, "ring" | "peers">): string {
  if (ring === null) return "No clock is known.";
  const { clock } = ring;
  const nameOf = (nodeId: NodeId): string => peers.find((peer) => peer.nodeId === nodeId)?.name ?? nodeId;
  const rows = clock.peers.map(({ nodeId, aheadMs, uncertaintyMs, zone }) => [
    nameOf(nodeId),
    signed(aheadMs),
    `${(uncertaintyMs / 1_000).toFixed(4)} s`,
    zone ?? "-",
  ]);
  const own = `This node's clock: ${clock.standing}, ${signed(clock.aheadMs)} against the others, limit ${clock.limitMs / 1_000} s, time zone ${clock.zone}${clock.released ? "; its writes go out by an operator's word" : ""}`;
  return [table(["CLOCK OF", "AHEAD OF THIS NODE'S", "GIVE OR TAKE", "TIME ZONE"], rows), own].join("\n");
}

/** One line for each node that shows, one column for each whose writes are shown. */
function ageTables(ages: NonNullable<AgentStatus["ring"]>["ages"], nameOf: (nodeId: string) => string): readonly string[] {
  return Object.entries(ages).flatMap(([dataSet, matrix]) => {
    const nodes = [...new Set([...Object.keys(matrix), ...Object.values(matrix).flatMap((row) => Object.keys(row))])] as NodeId[];
    const named = nodes.map((node) => ({ node, name: nameOf(node) })).toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const cell = (shower: NodeId, origin: NodeId): string => {
      const ageMs = matrix[shower]?.[origin];
      return shower === origin ? "-" : ageMs === undefined ? "?" : `${(ageMs / 1_000).toFixed(1)} s`;
    };
    if (named.length < 2) return [];
    return [
      table(
        [`${dataSet.toUpperCase()}: HOW OLD IS WHAT`, ...named.map(({ name }) => `OF ${name}`)],
        named.map((shower) => [`${shower.name} shows`, ...named.map((origin) => cell(shower.node, origin.node))]),
      ),
    ];
  });
}

function signed(ms: number): string {
  return `${ms < 0 ? "-" : "+"}${(Math.abs(ms) / 1_000).toFixed(4)} s`;
}
