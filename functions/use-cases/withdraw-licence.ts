import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Dependencies } from "../dependencies.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { Refusal } from "./refusal.ts";
import { settleLicences } from "./settle-licences.ts";

/** Takes a licence away from its cluster, on the running cluster: what is not covered any more goes on, and nothing is added. */
export async function withdrawLicence(dependencies: Dependencies, clusterId: ClusterId, licenceId: string): Promise<void> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const { licences } = dependencies.stores;
  const found = (await licences.listOfCluster(clusterId)).find(({ licence }) => licence.licenceId === licenceId);
  if (found === undefined) {
    const message = `cluster ${document.name} has no licence ${licenceId}`;
    throw new Refusal("not-found", message, "List its licences: it may be withdrawn already.");
  }
  // Of two who withdraw it at once the second finds it done, which is what it wanted.
  await audited(
    dependencies,
    { action: "licence.withdrawn", customerId: document.customerId, subject: licenceId, before: found.licence },
    () => licences.withdraw(clusterId, licenceId, new Date(dependencies.nowMs()).toISOString()),
    (withdrawn) => withdrawn,
  );
  await settleLicences(dependencies, clusterId);
}
