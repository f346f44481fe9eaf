import type { ClusterId } from "../../shared/domain/ids.ts";
import { type DeviceCounts, usersOf } from "../../shared/domain/licensing/device-counts.ts";
import type { Dependencies } from "../dependencies.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicencePreview, previewLicences } from "./preview-licences.ts";
import { settleLicences } from "./settle-licences.ts";

/** Says how many users and devices the cluster serves. Never refused, however many: what is more than licensed is told, and goes on. */
export async function declareDevices(dependencies: Dependencies, clusterId: ClusterId, counts: DeviceCounts): Promise<void> {
  const { customerId } = (await clusterOrRefuse(dependencies, clusterId)).document;
  const { licenceBasis } = dependencies.stores;
  const before = await licenceBasis.findDevices(clusterId);
  await audited(dependencies, { action: "devices.declared", customerId, subject: clusterId, before, after: counts }, () =>
    licenceBasis.putDevices(clusterId, counts),
  );
  await settleLicences(dependencies, clusterId);
}

/** What would follow from it, for nothing is refused. */
export async function previewDevices(dependencies: Dependencies, clusterId: ClusterId, declared: DeviceCounts): Promise<LicencePreview> {
  return previewLicences(dependencies, clusterId, (basis) => ({ ...basis, declared, used: { ...basis.used, users: usersOf(declared) } }));
}
