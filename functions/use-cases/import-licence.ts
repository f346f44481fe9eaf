import { z } from "zod";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { standingOf } from "../../shared/domain/licensing/licence-term.ts";
import { licencePayloadSchema } from "../../shared/protocol/licence-schema.ts";
import { signedTypes, verifySigned } from "../../shared/protocol/signatures.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicencePreview, previewLicences, withLicence } from "./preview-licences.ts";
import { termOfLicence } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";
import { refuseContradiction } from "./refuse-contradiction.ts";
import { settleLicences } from "./settle-licences.ts";

/**
 * Takes a licence from its signed file. Whole or not at all: it must be signed with this control plane's key, be the cluster's own, count
 * still, and contradict no other. The same file again changes nothing.
 */
export async function importLicence(dependencies: Dependencies, clusterId: ClusterId, signed: string): Promise<StoredLicence> {
  const licence = await licenceIn(dependencies, clusterId, signed);
  const stored = { licence, signed: signed.trim() };
  const { customerId, licenceId } = licence;
  const outcome = await audited(
    dependencies,
    { action: "licence.imported", customerId, subject: licenceId, after: licence },
    () => dependencies.stores.licences.add(stored),
    (added) => added === "added",
  );
  if (outcome === "withdrawn") throw withdrawn(licence);
  await settleLicences(dependencies, clusterId);
  return stored;
}

/** Refuses what `importLicence` would refuse, and takes nothing. */
export async function previewImport(dependencies: Dependencies, clusterId: ClusterId, signed: string): Promise<LicencePreview> {
  const licence = await licenceIn(dependencies, clusterId, signed);
  if (await dependencies.stores.licences.isWithdrawn(clusterId, licence.licenceId)) throw withdrawn(licence);
  return previewLicences(dependencies, clusterId, withLicence(licence));
}

async function licenceIn(dependencies: Dependencies, clusterId: ClusterId, signed: string): Promise<Licence> {
  await clusterOrRefuse(dependencies, clusterId);
  const licence = await verifiedLicence(dependencies, signed.trim());
  if (licence.clusterId !== clusterId) {
    const message = `the licence ${licence.licenceId} is that of another cluster than ${clusterId}`;
    throw new Refusal("licence-invalid", message, "Import the file that was issued for this cluster.");
  }
  if (standingOf(termOfLicence(licence), dependencies.nowMs()) === "lapsed") {
    const message = `the licence ${licence.licenceId} has lapsed: it was valid until ${licence.validUntil}`;
    throw new Refusal("licence-invalid", message, "Ask for a newer one.");
  }
  await refuseContradiction(dependencies, licence);
  return licence;
}

function withdrawn({ licenceId }: Licence): Refusal {
  const message = `the licence ${licenceId} was withdrawn from this cluster`;
  return new Refusal("licence-invalid", message, "Issue another one: what was withdrawn does not come back.");
}

async function verifiedLicence({ signer }: Dependencies, signed: string): Promise<Licence> {
  const keys = (await signer.publicKeys()).map((key) => ({ ...key }));
  const verified = await verifySigned(signedTypes.licence, signed, { keys });
  const nextStep = "Take the file as it was issued, whole and unchanged.";
  if (!verified.ok) throw new Refusal("licence-invalid", `the licence cannot be believed: ${verified.reason}`, nextStep);
  const parsed = licencePayloadSchema.safeParse(verified.payload);
  if (parsed.success) return parsed.data;
  throw new Refusal("licence-invalid", `the licence cannot be read: ${z.prettifyError(parsed.error).slice(0, 500)}`, nextStep);
}
