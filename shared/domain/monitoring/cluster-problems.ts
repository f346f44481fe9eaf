import type { DataSetStatus } from "../replication/replication-status.ts";
import type { ClusterEvent, EventKind } from "./cluster-event.ts";
import type { GroupStatus } from "./group-status.ts";
import type { MemberStatus, NodeStatus } from "./node-status.ts";
import { nameOfNode, type Observation } from "./observation.ts";
import type { RingLink } from "./ring-status.ts";

export interface Problem {
  readonly health: "down" | "degraded" | "unknown";
  readonly text: string;
  /** ISO 8601 UTC; null where nobody knows. */
  readonly since: string | null;
}

interface Parts {
  readonly nodes: readonly NodeStatus[];
  readonly witness: MemberStatus | null;
  readonly groups: readonly GroupStatus[];
  readonly ring: readonly RingLink[];
}

/** Everything that is not as it should be, worst first. What merely follows from a silent node is left to that node's own line. */
export function clusterProblems(observation: Observation, parts: Parts): readonly Problem[] {
  const { nodes, witness, groups, ring } = parts;
  if (nodes.every((node) => node.condition === "unknown")) return [siteUnknown(nodes)];
  const found = [
    ...groups.flatMap((group) => groupProblems(observation, group)),
    ...nodes.flatMap(memberProblems),
    ...(witness === null ? [] : witnessProblems(witness, nodes)),
    ...nodes.flatMap((node) =>
      node.report === null || node.condition === "down" ? [] : dataProblems(observation, node, node.report.dataSets),
    ),
    ...pathProblems(observation, nodes),
    ...ring.flatMap((link) => linkProblems(observation, link, nodes)),
    ...(nodes.length === 1 ? [degraded("not redundant: the cluster has only one node; join another", null)] : []),
  ];
  return [...found.filter((problem) => problem.health === "down"), ...found.filter((problem) => problem.health !== "down")];
}

function siteUnknown(nodes: readonly NodeStatus[]): Problem {
  const since =
    nodes
      .flatMap((node) => (node.since === null ? [] : [node.since]))
      .toSorted()
      .at(-1) ?? null;
  return { health: "unknown", text: "no node has contact with the cloud; the site itself may be working", since };
}

function groupProblems(observation: Observation, group: GroupStatus): readonly Problem[] {
  if (group.order.length === 0) return [];
  if (group.holder === null && group.moving !== null) {
    const doing = group.moving.state === "starting" ? "is starting the resources of" : "is handing over";
    const who = nameOfNode(observation.document.nodes, group.moving.node);
    return [{ health: "down", text: `${who} ${doing} group ${group.name}`, since: null }];
  }
  if (group.holder === null) {
    const halt = latest(observation, ({ detail }) => detail.kind === "group.safe-halt" && detail.group === group.name);
    const why = halt?.detail.kind === "group.safe-halt" ? `: ${halt.detail.reason}` : "";
    const lost = latest(observation, ({ detail }) => detail.kind === "group.stepped-down" && detail.group === group.name);
    return [{ health: "down", text: `no node is operational for group ${group.name}${why}`, since: (halt ?? lost)?.at ?? null }];
  }
  const unfit = unfitHolder(observation, group);
  if (unfit !== null) return [unfit];
  if (group.order.length < 2 || group.order.some((member) => member.standing === "standby")) return [];
  if (group.order.filter((member) => member.nodeId !== group.holder).every((member) => member.standing === "away")) return [];
  const blocked = group.order.find((member) => member.standing === "ineligible");
  return [degraded(`group ${group.name} has no standby: ${blocked?.name ?? "its next node"} ${blocked?.reason ?? "is not ready"}`, null)];
}

/** Kinds that say how fit the holder is; the newest counts, and a change of holder ends what was said of the last one. */
const saysFitness: ReadonlySet<EventKind> = new Set<EventKind>(["group.nobody-fit", "group.fit-again", "group.takeover", "group.handover"]);

function unfitHolder(observation: Observation, group: GroupStatus): Problem | null {
  const told = latest(observation, ({ detail }) => saysFitness.has(detail.kind) && "group" in detail && detail.group === group.name);
  if (told?.detail.kind !== "group.nobody-fit" || told.reporter !== group.holder) return null;
  const who = nameOfNode(observation.document.nodes, told.reporter);
  return degraded(`${who} runs group ${group.name} although it is not fit for it, as no node is: ${told.detail.reason}`, told.at);
}

/** With an odd number of voting nodes it is as it should be without a vote, and not missed where it is away. */
function witnessProblems(witness: MemberStatus, nodes: readonly NodeStatus[]): readonly Problem[] {
  const isNeeded = nodes.filter((node) => node.voting).length % 2 === 0;
  return isNeeded ? memberProblems({ ...witness, name: `witness ${witness.name}` }) : [];
}

function memberProblems(node: MemberStatus): readonly Problem[] {
  switch (node.condition) {
    case "up":
      return node.voting ? [] : [degraded(`${node.name} has joined, and has no vote yet`, null)];
    case "joining":
      return [degraded(`${node.name} has enrolled, and was not heard yet`, null)];
    case "down":
      return [degraded(`${node.name} is down`, node.since)];
    case "isolated":
      return [degraded(`${node.name} is isolated: no other node hears it`, node.since)];
    case "offline":
      return [degraded(`${node.name} has no contact with the cloud; its peers hear it`, node.since)];
    case "unknown":
      return [{ health: "unknown", text: `${node.name}: ${node.reason}`, since: node.since }];
  }
}

function dataProblems(observation: Observation, node: NodeStatus, sets: readonly DataSetStatus[]): readonly Problem[] {
  return sets.flatMap((set) => {
    if (set.phase === "refused") {
      const refused = latest(
        observation,
        ({ reporter, detail }) => detail.kind === "replication.refused" && reporter === node.nodeId && detail.dataSet === set.name,
      );
      return [degraded(`${node.name} cannot replicate ${set.name}: ${set.problem ?? "no reason given"}`, refused?.at ?? null)];
    }
    if (set.phase === "receiving-snapshot") {
      const started = latest(
        observation,
        ({ reporter, detail }) => detail.kind === "replication.snapshot-started" && reporter === node.nodeId && detail.dataSet === set.name,
      );
      return [degraded(`${node.name} is still receiving ${set.name}`, started?.at ?? null)];
    }
    return set.problem === undefined ? [] : [degraded(`${node.name}, ${set.name}: ${set.problem}`, null)];
  });
}

/** One of several ways between two nodes is lost. Each way is told once, whoever of the two misses it. */
function pathProblems(observation: Observation, nodes: readonly NodeStatus[]): readonly Problem[] {
  const told = new Set<string>();
  return nodes.flatMap(({ nodeId, condition, report }) => {
    if (report === null || condition === "down") return [];
    return report.peers.flatMap((peer) => {
      const lost = peer.reachable ? (peer.paths ?? []).filter(({ heard }) => !heard) : [];
      return lost.flatMap(({ name }) => {
        const ends = [nodeId, peer.nodeId].map((end) => nameOfNode(observation.document.nodes, end)).toSorted();
        const text = `path ${name} between ${ends.join(" and ")} is silent; they hear each other on another`;
        if (told.has(text)) return [];
        told.add(text);
        const event = latest(
          observation,
          ({ detail }) => detail.kind === "path.silent" && detail.path === name && detail.node === peer.nodeId,
        );
        return [degraded(text, event?.at ?? null)];
      });
    });
  });
}

function linkProblems(observation: Observation, link: RingLink, nodes: readonly NodeStatus[]): readonly Problem[] {
  if (link.condition !== "bypass" && link.condition !== "none") return [];
  const expected = nodes.find((node) => node.nodeId === link.expected);
  if (expected?.condition === "down" && (link.condition === "bypass" || nodes.length === 2)) return [];
  const nameOf = (nodeId: RingLink["from"]) => nameOfNode(observation.document.nodes, nodeId);
  const begun = latest(
    observation,
    ({ reporter, detail }) => reporter === link.from && (detail.kind === "replication.bypass" || detail.kind === "replication.no-peer"),
  );
  const text =
    link.condition === "none"
      ? `${nameOf(link.from)} synchronises with nobody`
      : `${nameOf(link.from)} synchronises with ${nameOf(link.to)} in place of ${nameOf(link.expected)}`;
  return [degraded(text, begun?.at ?? null)];
}

function latest(observation: Observation, wanted: (event: ClusterEvent) => boolean): ClusterEvent | undefined {
  return observation.events.find(wanted);
}

function degraded(text: string, since: string | null): Problem {
  return { health: "degraded", text, since };
}
