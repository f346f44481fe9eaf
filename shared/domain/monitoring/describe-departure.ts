import type { NodeId } from "../ids.ts";
import type { ClusterDocument } from "../membership/cluster-document.ts";
import { clusterStatus } from "./cluster-status.ts";
import type { Observation } from "./observation.ts";

/**
 * What the documents alone do not say of nodes that leave, in sentences for people: who runs what at the moment, what only they hold, and which room they leave.
 * `licensedNodes`: how many the cluster's licences allow now.
 */
export function describeDeparture(now: Observation, after: ClusterDocument, licensedNodes: number): readonly string[] {
  const before = now.document;
  const names = new Map(before.nodes.map(({ nodeId, name }) => [nodeId, name]));
  const nameOf = (node: NodeId) => names.get(node) ?? node;
  const gone = new Set(before.nodes.map(({ nodeId }) => nodeId).filter((nodeId) => after.nodes.every((node) => node.nodeId !== nodeId)));
  if (gone.size === 0) return [];
  return [
    ...groupsLost(now, after, gone, nameOf),
    ...dataLost(now, gone, nameOf),
    ...streamChanges(before, after, nameOf),
    `${after.nodes.length} of ${licensedNodes} licensed nodes are in use then, in place of ${before.nodes.length}`,
  ];
}

type NameOf = (node: NodeId) => string;

function groupsLost(now: Observation, after: ClusterDocument, gone: ReadonlySet<NodeId>, nameOf: NameOf): readonly string[] {
  return clusterStatus(now).groups.flatMap(({ name, holder, stale }) => {
    const order = after.groups.find((group) => group.name === name)?.order ?? [];
    const wasLonger = (now.document.groups.find((group) => group.name === name)?.order.length ?? 0) > order.length;
    const alone =
      order.length === 1 && wasLonger ? [`group ${name} has ${order.map(nameOf).join()} alone: nobody takes it over from there`] : [];
    if (holder === null || !gone.has(holder)) return alone;
    const where = `group ${name} ${stale ? "was last known to run" : "runs"} on ${nameOf(holder)}: it stops there, and`;
    const [first] = order;
    if (first === undefined) return [`${where} nobody else may run it`];
    const heirs =
      order.length === 1
        ? `${nameOf(first)} takes it over, where that is fit`
        : `the first of ${order.map(nameOf).join(", ")} that can takes it over`;
    return [`${where} ${heirs}; understudy agent switchover --group ${name} --to NODE moves it before, without an outage`, ...alone];
  });
}

/** What a node has not passed on goes with it. */
function dataLost({ reports }: Observation, gone: ReadonlySet<NodeId>, nameOf: NameOf): readonly string[] {
  return reports
    .filter(({ nodeId }) => gone.has(nodeId))
    .flatMap(({ nodeId, dataSets }) =>
      dataSets
        .filter(({ unacknowledged }) => unacknowledged.changes > 0)
        .map(
          ({ name, unacknowledged: { changes } }) =>
            `${nameOf(nodeId)} has last told of ${changes} changes of data set ${name} that no other node had confirmed: what is not passed on before is lost to the others`,
        ),
    );
}

function streamChanges(before: ClusterDocument, after: ClusterDocument, nameOf: NameOf): readonly string[] {
  if (before.dataSets.length === 0) return [];
  const [old, next] = [streamsOf(before), streamsOf(after)];
  const listed = (streams: readonly Stream[]) => streams.map((pair) => pair.map(nameOf).join(" and ")).join(", ");
  const [ended, begun] = [without(old, next), without(next, old)];
  return [
    ...(ended.length === 0 ? [] : [`replication streams that end: ${listed(ended)}`]),
    ...(begun.length === 0 ? [] : [`replication streams that begin: ${listed(begun)}`]),
  ];
}

type Stream = readonly [NodeId, NodeId];

/** Each node with the next one in the ring; of two nodes there is one. */
function streamsOf({ nodes }: ClusterDocument): readonly Stream[] {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const pairs = ids.flatMap((node, at): readonly Stream[] => {
    const next = ids[(at + 1) % ids.length];
    return next === undefined || next === node ? [] : [[node, next]];
  });
  return pairs.filter((pair, at) => pairs.findIndex((other) => isSame(pair, other)) === at);
}

function without(some: readonly Stream[], others: readonly Stream[]): readonly Stream[] {
  return some.filter((pair) => !others.some((other) => isSame(pair, other)));
}

function isSame(one: Stream, other: Stream): boolean {
  return other.includes(one[0]) && other.includes(one[1]);
}
