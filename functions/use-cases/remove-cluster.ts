import type { ClusterId } from "../../shared/domain/ids.ts";
import { fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { membersOf } from "../../shared/domain/membership/members.ts";
import type { RemovedCluster } from "../../shared/protocol/removal-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import type { ClusterRemoval } from "../store/removal-store.ts";
import { audited } from "./audited.ts";
import { versionConflict } from "./change-document.ts";
import { clearRemains } from "./clear-remains.ts";
import { noSuchCluster } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";

/** Each lost race means that somebody else has changed the cluster; after so many in a row something else is wrong. */
const attemptsMax = 20;

export interface RemovalRequest {
  /** The name of what is to be removed. */
  readonly confirm?: string | undefined;
  /** Of the cluster's document. */
  readonly expectedVersion?: number | undefined;
}

/**
 * Removes a cluster: at once and whole for whoever asks, by a note in the place of the document that was judged; a node that is enrolled at the same time is either in that document, and goes with
 * it, or is refused. Then its nodes lose their connection, and what is stored of it is deleted. Killed anywhere after the note, the same request goes on from there, and so does the sweep.
 */
export async function removeCluster(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { confirm, expectedVersion }: RemovalRequest,
): Promise<RemovedCluster> {
  const { stores, nowMs } = dependencies;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const document = (await stores.clusters.find(clusterId))?.document;
    if (document === undefined) {
      const before = await stores.removals.findCluster(clusterId);
      if (before === undefined) throw noSuchCluster(clusterId);
      return removed(dependencies, before);
    }
    const { customerId, version } = document;
    if (expectedVersion !== undefined && expectedVersion !== version) throw versionConflict(expectedVersion, version);
    refuseUnconfirmed(document, confirm);
    const removal = {
      clusterId,
      customerId,
      removedAt: new Date(nowMs()).toISOString(),
      certificates: membersOf(document).flatMap(fingerprintsOf),
    };
    const isRemoved = await audited(
      dependencies,
      { action: "cluster.removed", customerId, subject: clusterId, before: document },
      () => stores.removals.removeCluster(removal, version),
      (done) => done,
    );
    if (isRemoved) return removed(dependencies, removal);
  }
  throw new Refusal("unavailable", `the cluster was changed ${attemptsMax} times in between`, "Try again.");
}

async function removed(dependencies: Dependencies, removal: ClusterRemoval): Promise<RemovedCluster> {
  const { clusterId, customerId, removedAt } = removal;
  return { clusterId, customerId, removedAt, remains: !(await clearRemains(dependencies, removal)) };
}

/** Servers that still work must not be forgotten by a slip; a name that is given must be right in any case. */
export function refuseUnconfirmed(document: ClusterDocument, confirm: string | undefined): void {
  const { name } = document;
  const servers = membersOf(document).map((member) => member.name);
  if (confirm === name || (confirm === undefined && needsNoName(document))) return;
  if (confirm !== undefined) throw unlikeName("cluster", name, confirm);
  throw new Refusal(
    "confirmation-required",
    `cluster ${name} has members that are enrolled: ${servers.join(", ")}`,
    `Remove them first, each on its own (DELETE .../nodes/{nodeId}, or in the console under Changes); or name the cluster to remove it with them: confirm=${encodeURIComponent(name)}. With dryRun=true nothing is changed, and what would follow is said.`,
  );
}

/** Where no server is enrolled; the control plane's own vote is none. */
export function needsNoName(document: ClusterDocument): boolean {
  return membersOf(document).length === 0;
}

export function unlikeName(what: string, name: string, confirm: string): Refusal {
  return new Refusal(
    "confirmation-required",
    `the ${what} is named ${name}, and not ${confirm}`,
    "Look whether it is the one that you mean; then send its name as confirm, letter by letter.",
  );
}
