import type { NodeId } from "../ids.ts";
import { describeTriggers } from "../triggers/describe-triggers.ts";
import type { ClusterDocument, ClusterNode, PriorityGroup } from "./cluster-document.ts";
import { describeRemovals } from "./describe-removals.ts";
import { pathsOf } from "./lan-path.ts";
import { namedOf } from "./members.ts";
import { majorityOf, nodeVotersOf, votersOf } from "./quorum.ts";
import type { Resource } from "./resource.ts";
import { isCloudWitnessPossible } from "./witness-vote.ts";

/** What becomes of a running cluster with a change of its document, in sentences for people; none where nothing is changed. */
export function describeChange(before: ClusterDocument, after: ClusterDocument): readonly string[] {
  const nameOf = namesIn(before, after);
  return [
    ...(before.name === after.name ? [] : [`the cluster is called ${after.name} in place of ${before.name}; nothing else follows`]),
    ...nodeChanges(before, after),
    ...primaryChanges(before, after),
    ...voterChanges(before, after, nameOf),
    ...ringChanges(before, after, nameOf),
    ...after.groups.flatMap((group) => groupChanges(before, group, nameOf)),
    ...describeRemovals(before, after),
    ...(isSame(before.dataSets.filter(isIn(after.dataSets)), after.dataSets)
      ? []
      : ["the declared data sets change: each agent follows them as soon as it has the document"]),
    ...witnessChanges(before, after),
    ...(isSame(before.whenAlone, after.whenAlone) ? [] : [`when two nodes lose each other: ${after.whenAlone ?? "stop"}`]),
    ...approverChanges(before, after),
    ...describeTriggers(before.triggers ?? [], after.triggers ?? []),
  ];
}

type NameOf = (node: NodeId) => string;

function namesIn(before: ClusterDocument, after: ClusterDocument): NameOf {
  const names = new Map([...namedOf(before), ...namedOf(after)].map((node) => [node.nodeId, node.name]));
  return (node) => names.get(node) ?? node;
}

function nodeChanges(before: ClusterDocument, after: ClusterDocument): readonly string[] {
  const gone = before.nodes.filter((old) => after.nodes.every(({ nodeId }) => nodeId !== old.nodeId));
  return [
    ...gone.map(({ name }) => `${name} is no member any more: its certificate is nobody's, and what it held moves to the next in order`),
    ...after.nodes.flatMap((node) =>
      nodeChange(
        before.nodes.find(({ nodeId }) => nodeId === node.nodeId),
        node,
      ),
    ),
  ];
}

function nodeChange(old: ClusterNode | undefined, node: ClusterNode): readonly string[] {
  if (old === undefined) return [`${node.name} joins the cluster, without a vote until it has everything`];
  const [ways, oldWays] = [node, old].map((one) => new Map(pathsOf(one).map(({ name, host }) => [name, host])));
  const moved = [...(ways ?? [])].filter(([path, host]) => oldWays?.get(path) !== host);
  const lost = [...(oldWays ?? [])].filter(([path]) => ways?.has(path) !== true);
  return [
    ...(old.name === node.name ? [] : [`${old.name} is called ${node.name}; nothing else follows`]),
    ...moved.map(([path, host]) => {
      const instead = oldWays?.get(path);
      return `${node.name} is reached at ${host}${instead === undefined ? "" : ` in place of ${instead}`} on path ${path}: its machine must have that address already; each node connects anew, and nothing stops`;
    }),
    ...lost.map(([path]) => `${node.name} is reached on path ${path} no longer`),
  ];
}

function primaryChanges(before: ClusterDocument, after: ClusterDocument): readonly string[] {
  const [old, now] = [before, after].map(({ nodes }) => nodes.find(({ role }) => role === "primary"));
  if (old?.nodeId === now?.nodeId) return [];
  return [
    now === undefined
      ? "nobody is the primary any more, until another node is chosen"
      : `${now.name} is the primary in place of ${old?.name ?? "nobody"}: the licence for provisioning goes with it; groups keep their order, no agent restarts, and no service moves`,
  ];
}

function voterChanges(before: ClusterDocument, after: ClusterDocument, nameOf: NameOf): readonly string[] {
  const [old, now] = [votersOf(before), votersOf(after)];
  if (isSame(old.toSorted(), now.toSorted())) return [];
  const votes = `votes: ${now.map(nameOf).join(", ") || "nobody"} in place of ${old.map(nameOf).join(", ") || "nobody"}`;
  return [`${votes}; ${quorumOf(now)} must agree, in place of ${quorumOf(old)}`];
}

function quorumOf({ length }: readonly NodeId[]): string {
  return `${length === 0 ? 0 : majorityOf(length)} of ${length}`;
}

function witnessChanges(before: ClusterDocument, after: ClusterDocument): readonly string[] {
  const [old, now] = [before.witness, after.witness];
  const follows = voteThatFollows(after);
  return [
    ...(old !== undefined && old.nodeId !== now?.nodeId
      ? [`${old.name} is the witness no more${old.kind === "agent" ? ": its certificate is nobody's" : ""}`]
      : []),
    ...(now !== undefined && now.nodeId !== old?.nodeId
      ? [`${now.name} becomes the witness, and votes while the number of voting nodes is even`]
      : []),
    ...(old !== undefined && now?.nodeId === old.nodeId && !isSame({ ...old, voting: true }, { ...now, voting: true })
      ? ["the witness changes"]
      : []),
    ...choiceChanges(before, after),
    ...(follows === null || follows === voteThatFollows(before) ? [] : [follows]),
  ];
}

function choiceChanges({ cloudWitness: old }: ClusterDocument, { cloudWitness: now }: ClusterDocument): readonly string[] {
  if (old === now) return [];
  return now === "off"
    ? ["the control plane does not make itself the witness any more"]
    : ["the control plane may make itself the witness again, where the number of nodes is even and there is no other"];
}

/** What the control plane does by itself after the change, with the nodes' next reports (witness-vote.ts). */
function voteThatFollows(document: ClusterDocument): string | null {
  const { witness } = document;
  const voting = nodeVotersOf(document).length;
  const isWanted = voting > 0 && voting % 2 === 0;
  if (witness === undefined) {
    const when = "once nothing has changed for a minute, every node votes and every node can ask it";
    return isCloudWitnessPossible(document) ? `the control plane then makes itself the witness by itself, ${when}` : null;
  }
  if (witness.voting === isWanted) return null;
  return isWanted
    ? `${witness.name} then gets its vote, as soon as it can give it`
    : `${witness.name} then loses its vote: an odd number of nodes needs none`;
}

function approverChanges({ approval: old }: ClusterDocument, { approval: now }: ClusterDocument): readonly string[] {
  const [oldKey, key] = [old?.key ?? null, now?.key ?? null];
  if (isSame(oldKey, key)) return [];
  if (key === null) return ["dangerous changes take no approver's signature any more"];
  return [`dangerous changes take the signature of ${oldKey === null ? "an approver" : "another approver"} from now on, too`];
}

function ringChanges(before: ClusterDocument, after: ClusterDocument, nameOf: NameOf): readonly string[] {
  const [old, now] = [before, after].map(({ nodes }) => nodes.map(({ nodeId }) => nodeId)) as [NodeId[], NodeId[]];
  if (isSame(old, now) || !isSame(old.toSorted(), now.toSorted())) return [];
  return [
    `data goes round the ring in the order ${now.map(nameOf).join(" → ")}; streams that are needed no more close, and nothing is sent twice`,
  ];
}

function groupChanges(before: ClusterDocument, group: PriorityGroup, nameOf: NameOf): readonly string[] {
  const old = before.groups.find(({ name }) => name === group.name);
  const order = group.order.map(nameOf).join(", ") || "nobody";
  if (old === undefined) return [`group ${group.name} is new: ${order} may run it, and the first of them that can takes it`];
  const added = group.resources.filter((one) => !old.resources.some((other) => isSame(one, other)));
  const removed = old.resources.filter((one) => !group.resources.some((other) => isSame(one, other)));
  return [
    ...(isSame(old.order, group.order) ? [] : [orderChange(group, order)]),
    ...(removed.length === 0 ? [] : [`group ${group.name}: ${named(removed)} stops where the group runs`]),
    ...(added.length === 0 ? [] : [`group ${group.name}: ${named(added)} starts where the group runs`]),
    ...(isSame(old.failback, group.failback) ? [] : [`group ${group.name}: failback is ${group.failback.mode}`]),
    ...(isSame(old.swapOnReset ?? true, group.swapOnReset ?? true)
      ? []
      : [`group ${group.name}: a service that dies ${group.swapOnReset === false ? "is started anew where it was" : "moves the group"}`]),
  ];
}

function named(some: readonly Resource[]): string {
  return some.map(({ kind, name }) => `${kind} ${name}`).join(", ");
}

function orderChange({ name, failback }: PriorityGroup, order: string): string {
  const stays = "whoever runs it goes on, as long as it is one of them";
  const moves =
    failback.mode === "manual"
      ? stays
      : `${stays}; it goes home to the first of them once that was fit for ${failback.stableForMs / 1_000} s`;
  return `group ${name} may run on ${order}, in this order: ${moves}`;
}

function isIn(some: ClusterDocument["dataSets"]): (one: { readonly name: string }) => boolean {
  return ({ name }) => some.some((other) => other.name === name);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
