import type { ClusterId, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, Witness } from "../../shared/domain/membership/cluster-document.ts";
import { cloudWitnessOf, namedOf } from "../../shared/domain/membership/members.ts";
import {
  activeMemberships,
  type Membership,
  mayChangeTo,
  missingAcknowledgements,
} from "../../shared/domain/membership/membership-change.ts";
import { votersOf } from "../../shared/domain/membership/quorum.ts";
import { firstVotes } from "../../shared/domain/witness/cloud-votes.ts";
import { approvalProblem } from "../../shared/protocol/approvals.ts";
import { clusterDocumentSchema } from "../../shared/protocol/cluster-document-schema.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredCluster } from "../store/cluster-store.ts";
import { audited } from "./audited.ts";
import { changeConsequences } from "./change-consequences.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { ownAcknowledgement } from "./own-acknowledgement.ts";
import { refreshSummary } from "./refresh-summary.ts";
import { allOrRefuse, Refusal } from "./refusal.ts";
import { refuseLapsed } from "./refuse-lapsed.ts";
import { signDocument } from "./sign-document.ts";

/** The parts of a document that a change may touch; version and time are set here. A witness of null: none any more. */
export interface ChangedParts
  extends Partial<Pick<ClusterDocument, "name" | "nodes" | "groups" | "dataSets" | "whenAlone" | "triggers" | "approval">> {
  readonly witness?: Witness | null;
  readonly cloudWitness?: "off" | null;
  /** It configures the cluster's redundancy, which is refused while its licences have lapsed. */
  readonly configures?: true;
}

/** Null: nothing is to be changed. It is asked for previews too, and stores nothing. */
export type DocumentChange = (document: ClusterDocument) => Promise<ChangedParts | null>;

/** Changes lost to somebody else's are made again on the newer document this often. */
const attemptsMax = 20;

/**
 * Every change of a cluster document goes this way: apply, check, sign, conditional write, push. With `expectedVersion` a change in between is
 * refused (`version-conflict`); without it the change is made again on the newer document.
 */
export async function changeDocument(
  dependencies: Dependencies,
  clusterId: ClusterId,
  change: DocumentChange,
  expectedVersion?: number,
): Promise<StoredCluster> {
  const { stores, messenger } = dependencies;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { current, next } = await changedCluster(dependencies, clusterId, change, expectedVersion);
    if (next === null) return current;
    const { customerId } = next.document;
    const result = await audited(
      dependencies,
      { action: "cluster.changed", customerId, subject: clusterId, before: current.document, after: next.document },
      async () => {
        await beginVotes(dependencies, current.document, next.document);
        return stores.clusters.replace(next);
      },
      ({ saved }) => saved,
    );
    if (result.saved) {
      await refreshSummary(dependencies, clusterId);
      await messenger.publishDocument(clusterId, next.signed);
      return next;
    }
  }
  throw new Refusal("unavailable", `the cluster was changed ${attemptsMax} times in between`, "Try again.");
}

/** Refuses what `changeDocument` would refuse now, and changes nothing. Says what would become of the cluster. */
export async function checkChange(
  dependencies: Dependencies,
  clusterId: ClusterId,
  change: DocumentChange,
  expectedVersion?: number,
): Promise<ChangePreview> {
  const { current, next } = await changedCluster(dependencies, clusterId, change, expectedVersion);
  const { version } = current.document;
  if (next === null) return { version, nextVersion: version, consequences: [] };
  const consequences = await changeConsequences(dependencies, current.document, next.document);
  return { version, nextVersion: next.document.version, consequences };
}

export interface ChangePreview {
  /** Of the document as it is. */
  readonly version: number;
  /** Of the document as it would be; the same where nothing would be changed. */
  readonly nextVersion: number;
  /** In sentences; none where nothing would be changed. */
  readonly consequences: readonly string[];
}

/** The cluster as it is and as it would be, null where nothing is to be changed. */
async function changedCluster(
  dependencies: Dependencies,
  clusterId: ClusterId,
  change: DocumentChange,
  expectedVersion: number | undefined,
): Promise<{ readonly current: StoredCluster; readonly next: StoredCluster | null }> {
  const current = await clusterOrRefuse(dependencies, clusterId);
  const { version } = current.document;
  if (expectedVersion !== undefined && expectedVersion !== version) throw versionConflict(expectedVersion, version);
  const wanted = await change(current.document);
  if (wanted === null) return { current, next: null };
  const { configures = false, ...changed } = wanted;
  const issuedAt = new Date(dependencies.nowMs()).toISOString();
  const document = { ...withChanges(current.document, changed), version: version + 1, issuedAt };
  const [, memberships, signed] = await allOrRefuse([
    configures ? refuseLapsed(dependencies, current.document) : Promise.resolve(),
    membershipsAfter(dependencies, current, document),
    signDocument(dependencies, document),
  ]);
  return { current, next: { document, signed, memberships, ...(await waitingFor(current, document)) } };
}

/** What the agents go on with until the approver has signed, where they will not take `next` without. */
async function waitingFor(current: StoredCluster, next: ClusterDocument): Promise<Pick<StoredCluster, "approved">> {
  const approved = current.approved ?? current.document;
  if (next.approval === undefined && approved.approval === undefined) return {};
  return (await approvalProblem(asRead(approved), asRead(next))) === null ? {} : { approved };
}

/** By the agents: what a document leaves to its defaults is signed for, too. */
function asRead(document: ClusterDocument): ClusterDocument {
  return clusterDocumentSchema.parse(document);
}

/** Of a control plane that becomes the witness: they are there before any node hears of it. From then on an item that is missing was lost. */
async function beginVotes({ stores }: Dependencies, before: ClusterDocument, after: ClusterDocument): Promise<void> {
  const witness = cloudWitnessOf(after);
  if (witness !== null && witness !== cloudWitnessOf(before)) await stores.witness.begin(after.clusterId, firstVotes(witness));
}

function withChanges(
  { witness: before, whenAlone: aloneBefore = "stop", triggers: triggersBefore = [], cloudWitness: choiceBefore, ...rest }: ClusterDocument,
  {
    witness: after = before ?? null,
    whenAlone = aloneBefore,
    triggers = triggersBefore,
    cloudWitness = choiceBefore ?? null,
    ...changed
  }: ChangedParts,
): ClusterDocument {
  return {
    ...rest,
    ...changed,
    ...(after === null ? {} : { witness: after }),
    ...(whenAlone === "stop" ? {} : { whenAlone }),
    ...(triggers.length === 0 ? {} : { triggers }),
    ...(cloudWitness === null ? {} : { cloudWitness }),
  };
}

/** One change of voters at a time: the next waits until no quorum can form on what was before the last (membership-change.ts). */
async function membershipsAfter(dependencies: Dependencies, current: StoredCluster, next: ClusterDocument): Promise<readonly Membership[]> {
  const voters = votersOf(next);
  if (sameSet(votersOf(current.document), voters)) return current.memberships;
  const acknowledged = await acknowledgementsOf(dependencies, current.document);
  const active = activeMemberships(current.memberships, acknowledged);
  if (!mayChangeTo(voters, active)) throw membershipPending(current, active, acknowledged);
  return [...active.filter((membership) => !sameSet(membership.voters, voters)), { version: next.version, voters }];
}

async function acknowledgementsOf(dependencies: Dependencies, document: ClusterDocument): Promise<ReadonlyMap<NodeId, number>> {
  const reports = await dependencies.stores.reports.listOfCluster(document.clusterId);
  const own = await ownAcknowledgement(dependencies, document);
  return new Map([...own, ...reports.map(({ report }): [NodeId, number] => [report.nodeId, report.documentVersion])]);
}

function membershipPending(cluster: StoredCluster, active: readonly Membership[], acknowledged: ReadonlyMap<NodeId, number>): Refusal {
  const last = active.at(-1) ?? { version: cluster.document.version, voters: [] };
  const missing = new Set(missingAcknowledgements(last, acknowledged));
  const names = namedOf(cluster.document)
    .filter((node) => missing.has(node.nodeId))
    .map((node) => node.name);
  const who = names.join(", ");
  return new Refusal(
    "membership-change-pending",
    `cluster ${cluster.document.name} is still taking in version ${last.version} of its document: ${who} has not confirmed it yet`,
    `Start the agent on ${who}, see that it reaches the control plane, then do the same again.`,
  );
}

export function versionConflict(expected: number, currentVersion: number): Refusal {
  return new Refusal(
    "version-conflict",
    `the cluster is at version ${currentVersion}, the change was made for version ${expected}`,
    "Read the cluster again, repeat the change on what it says now, and send its version as If-Match.",
    { currentVersion },
  );
}

function sameSet(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  const inOne = new Set(one);
  return one.length === other.length && other.every((node) => inOne.has(node));
}
