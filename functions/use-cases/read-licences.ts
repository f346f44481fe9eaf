import type { ClusterId } from "../../shared/domain/ids.ts";
import { type LicenceTerm, licensedNodes } from "../../shared/domain/licensing/capacity.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { Dependencies } from "../dependencies.ts";

export function termOf(licence: Licence): LicenceTerm {
  const { nodes, graceDays } = licence;
  return { nodes, graceDays, validFromMs: Date.parse(licence.validFrom), validUntilMs: Date.parse(licence.validUntil) };
}

/** How many nodes the cluster's licences allow now. */
export async function readLicensedNodes({ stores, nowMs }: Dependencies, clusterId: ClusterId): Promise<number> {
  const licences = await stores.licences.listOfCluster(clusterId);
  return licensedNodes(
    licences.map(({ licence }) => termOf(licence)),
    nowMs(),
  );
}
