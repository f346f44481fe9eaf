import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicencePreview, previewLicences, withoutLicence } from "./preview-licences.ts";
import { Refusal } from "./refusal.ts";
import { settleLicences } from "./settle-licences.ts";

/** Takes a licence away from its cluster, on the running cluster: what is not covered any more goes on, and nothing is added. */
export async function withdrawLicence(dependencies: Dependencies, clusterId: ClusterId, licenceId: string): Promise<void> {
  const { licence } = await licenceOrRefuse(dependencies, clusterId, licenceId);
  const { customerId } = licence;
  // Of two who withdraw it at once the second finds it done, which is what it wanted.
  await audited(
    dependencies,
    { action: "licence.withdrawn", customerId, subject: licenceId, before: licence },
    () => dependencies.stores.licences.withdraw(clusterId, licenceId, new Date(dependencies.nowMs()).toISOString()),
    (withdrawn) => withdrawn,
  );
  await settleLicences(dependencies, clusterId);
}

/** Refuses what `withdrawLicence` would refuse, and withdraws nothing. */
export async function previewWithdrawal(dependencies: Dependencies, clusterId: ClusterId, licenceId: string): Promise<LicencePreview> {
  await licenceOrRefuse(dependencies, clusterId, licenceId);
  return previewLicences(dependencies, clusterId, withoutLicence(licenceId));
}

async function licenceOrRefuse(dependencies: Dependencies, clusterId: ClusterId, licenceId: string): Promise<StoredLicence> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const found = (await dependencies.stores.licences.listOfCluster(clusterId)).find(({ licence }) => licence.licenceId === licenceId);
  if (found !== undefined) return found;
  const message = `cluster ${document.name} has no licence ${licenceId}`;
  throw new Refusal("not-found", message, "List its licences: it may be withdrawn already.");
}
