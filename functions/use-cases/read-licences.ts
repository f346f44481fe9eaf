import type { ClusterId } from "../../shared/domain/ids.ts";
import { type Amount, licensedNodes } from "../../shared/domain/licensing/capacity.ts";
import { type DeviceCounts, noDevices, usersOf } from "../../shared/domain/licensing/device-counts.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { type LicenceTerm, termOf } from "../../shared/domain/licensing/licence-term.ts";
import type { LicensedNode } from "../../shared/domain/licensing/licensed-roles.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";

/** Everything that decides what a cluster may do by its licences. */
export interface LicenceBasis {
  readonly terms: readonly LicenceTerm[];
  readonly declared: DeviceCounts;
  readonly used: Amount;
  readonly nodes: readonly LicensedNode[];
}

export function termOfLicence(licence: Licence): LicenceTerm {
  return termOf(licence, { validFromMs: Date.parse(licence.validFrom), validUntilMs: Date.parse(licence.validUntil) });
}

export async function readTerms({ stores }: Dependencies, clusterId: ClusterId): Promise<readonly LicenceTerm[]> {
  const licences = await stores.licences.listOfCluster(clusterId);
  return licences.map(({ licence }) => termOfLicence(licence));
}

/** How many nodes the cluster's licences allow now. */
export async function readLicensedNodes(dependencies: Dependencies, clusterId: ClusterId): Promise<number> {
  return licensedNodes(await readTerms(dependencies, clusterId), dependencies.nowMs());
}

export async function readLicenceBasis(
  dependencies: Dependencies,
  { clusterId, nodes }: Pick<ClusterDocument, "clusterId" | "nodes">,
): Promise<LicenceBasis> {
  const { licenceBasis } = dependencies.stores;
  const [terms, declared = noDevices, hardware] = await Promise.all([
    readTerms(dependencies, clusterId),
    licenceBasis.findDevices(clusterId),
    licenceBasis.listHardware(clusterId),
  ]);
  return {
    terms,
    declared,
    used: { nodes: nodes.length, users: usersOf(declared) },
    nodes: nodes.map(({ nodeId, role }) => ({ nodeId, role, hardwareAddresses: hardware.get(nodeId) ?? [] })),
  };
}
