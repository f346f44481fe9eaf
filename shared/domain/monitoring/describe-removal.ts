import type { NodeId } from "../ids.ts";
import { cloudWitnessOf, membersOf } from "../membership/members.ts";
import { clusterStatus } from "./cluster-status.ts";
import { nameOfNode, type Observation } from "./observation.ts";

/** What a cluster has beside its document and what its nodes have told. */
export interface BelongingsOfCluster {
  /** Those that are in force or in their grace, or begin later. `until`: ISO 8601 UTC. */
  readonly licences: readonly { readonly licenceId: string; readonly until: string }[];
  /** Join tokens that can still be used. */
  readonly openTokens: number;
  readonly openIncidents: number;
  /** Of this cluster alone. */
  readonly maintenanceWindows: number;
  /** Subscriptions whose filter names this cluster and no other. */
  readonly subscriptions: number;
}

/** What becomes of a cluster that is removed from the control plane, in sentences for people. */
export function describeClusterRemoval(observation: Observation, belongings: BelongingsOfCluster): readonly string[] {
  const { document } = observation;
  const { licences, openTokens, openIncidents, maintenanceWindows, subscriptions } = belongings;
  return [
    `cluster ${document.name} is not here any more: its settings, events, reports, incidents and availability are deleted, and nothing brings them back`,
    ...nodesLeft(observation),
    ...groupsLeft(observation),
    ...(cloudWitnessOf(document) === null
      ? []
      : ["the control plane gives no vote any more: where the nodes have no majority without it, nobody takes over"]),
    ...licences.map(({ licenceId, until }) => `licence ${licenceId}, good until ${until}, is deleted, and is good for no other cluster`),
    ...counted(openTokens, "join token", "can still be used: nobody joins with it any more"),
    ...counted(openIncidents, "incident", "not over: nobody is told how it ends", "is", "are"),
    ...counted(maintenanceWindows, "maintenance window", "of this cluster alone: deleted", "is", "are"),
    ...counted(subscriptions, "alert subscription", "for this cluster alone: left as it is, with nothing to tell", "is", "are"),
    auditStays,
  ];
}

/** What a customer without clusters has. */
export interface BelongingsOfCustomer {
  readonly name: string;
  readonly subscriptions: number;
  readonly maintenanceWindows: number;
}

export function describeCustomerRemoval({ name, subscriptions, maintenanceWindows }: BelongingsOfCustomer): readonly string[] {
  return [
    `customer ${name} is not here any more, and nothing brings it back: its alert settings are deleted`,
    ...counted(subscriptions, "alert subscription", "ended, and whoever was told is not told of that", "is", "are"),
    ...counted(maintenanceWindows, "maintenance window", "deleted", "is", "are"),
    auditStays,
  ];
}

const auditStays = "the provider's audit log keeps what was done, and who removed it";

/** They never stop because of the cloud. */
function nodesLeft({ document, presence }: Observation): readonly string[] {
  const members = membersOf(document);
  if (members.length === 0) return ["no node is enrolled"];
  const named = (ids: readonly NodeId[]) => ids.map((nodeId) => nameOfNode(members, nodeId)).join(", ");
  const all = members.map(({ nodeId }) => nodeId);
  const reporting = all.filter((nodeId) => presence.some((one) => one.nodeId === nodeId && one.connected));
  const now = reporting.length === 0 ? "none reports now" : `${reporting.length} of them report now (${named(reporting)})`;
  return [
    `${all.length} enrolled (${named(all)}), ${now}: from then on the control plane refuses them all; their agents go on with the last document that they have, for as long as they run`,
    "a server that shall not be one of this cluster any more is removed first, by itself, or its agent is stopped; it joins another cluster with a token and a data directory of its own",
  ];
}

function groupsLeft(observation: Observation): readonly string[] {
  const { nodes } = observation.document;
  return clusterStatus(observation).groups.flatMap(({ name, holder, stale }) =>
    holder === null
      ? []
      : [
          `group ${name} ${stale ? "was last known to run" : "runs"} on ${nameOfNode(nodes, holder)}: it goes on there, and nobody is told any more when it moves or stops`,
        ],
  );
}

function counted(count: number, what: string, rest: string, one = "", many = ""): readonly string[] {
  if (count === 0) return [];
  const verb = count === 1 ? one : many;
  return [`${count} ${what}${count === 1 ? "" : "s"} ${verb === "" ? "" : `${verb} `}${rest}`];
}
