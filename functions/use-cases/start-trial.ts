import { limits } from "../../shared/config/limits.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { msPerDay } from "../../shared/domain/licensing/licence-term.ts";
import { signedTypes } from "../../shared/protocol/signatures.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicencePreview, previewLicences, withLicence } from "./preview-licences.ts";
import { Refusal } from "./refusal.ts";
import { settleLicences } from "./settle-licences.ts";

/** As long as the trial, for whoever decides late. */
const graceDays = 30;

/**
 * Starts the cluster's trial: everything, for its whole size. A cluster has one in its life, and none once it has a licence. While it is valid,
 * asking again gives the same one.
 */
export async function startTrial(dependencies: Dependencies, clusterId: ClusterId): Promise<StoredLicence> {
  const wanted = await wantedTrial(dependencies, clusterId);
  if ("running" in wanted) return wanted.running;
  const { licence, cluster } = wanted;
  const { stores, signer } = dependencies;
  const trial = { licence, signed: await signer.sign(signedTypes.licence, licence) };
  const { customerId, licenceId } = licence;
  const outcome = await audited(
    dependencies,
    { action: "licence.trial-started", customerId, subject: licenceId, after: licence },
    () => stores.licences.add(trial),
    (added) => added === "added",
  );
  if (outcome === "withdrawn") throw trialWithdrawn(cluster);
  // Two who ask at once: the first one's trial is the cluster's.
  if (outcome === "known") return startTrial(dependencies, clusterId);
  await settleLicences(dependencies, clusterId);
  return trial;
}

/** Refuses what `startTrial` would refuse, and starts none. */
export async function previewTrial(dependencies: Dependencies, clusterId: ClusterId): Promise<LicencePreview> {
  const wanted = await wantedTrial(dependencies, clusterId);
  if ("running" in wanted) return previewLicences(dependencies, clusterId, (basis) => basis);
  if (await dependencies.stores.licences.isWithdrawn(clusterId, wanted.licence.licenceId)) throw trialWithdrawn(wanted.cluster);
  return previewLicences(dependencies, clusterId, withLicence(wanted.licence));
}

/** The trial that the cluster would have, or the one that it has. */
async function wantedTrial(
  dependencies: Dependencies,
  clusterId: ClusterId,
): Promise<{ readonly running: StoredLicence } | { readonly licence: Licence; readonly cluster: string }> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const { stores, nowMs } = dependencies;
  const licences = await stores.licences.listOfCluster(clusterId);
  const running = licences.find(({ licence }) => licence.trial === true && nowMs() <= Date.parse(licence.validUntil));
  if (running !== undefined) return { running };
  if (licences.length > 0) throw trialUsed(`cluster ${document.name} has had its trial, or has a licence already`);
  const licence: Licence = {
    schema: 1,
    licenceId: trialId(clusterId),
    customerId: document.customerId,
    clusterId,
    nodes: limits.nodesPerClusterMax,
    users: limits.licenceUsersMax,
    trial: true,
    validFrom: new Date(nowMs()).toISOString(),
    validUntil: new Date(nowMs() + limits.trialDays * msPerDay).toISOString(),
    graceDays,
  };
  return { licence, cluster: document.name };
}

/** Made of the cluster's own id, so that the store itself keeps a second trial out. */
export function trialId(clusterId: ClusterId): string {
  return clusterId.replace("clus_", "lic_");
}

function trialWithdrawn(cluster: string): Refusal {
  return trialUsed(`the trial of cluster ${cluster} was withdrawn`);
}

function trialUsed(message: string): Refusal {
  return new Refusal("trial-used", `${message}: a cluster has one trial`, "Issue or import a licence; nothing has to be installed again.");
}
