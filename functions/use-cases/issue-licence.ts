import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { IssueLicenceRequest } from "../../shared/protocol/licence-contract.ts";
import { signedTypes } from "../../shared/protocol/signatures.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { type LicencePreview, previewLicences, withLicence } from "./preview-licences.ts";
import { randomId } from "./random-id.ts";
import { allOrRefuse, Refusal } from "./refusal.ts";
import { refuseContradiction } from "./refuse-contradiction.ts";
import { settleLicences } from "./settle-licences.ts";

/** Signs a licence, valid from now on unless it says from when. It adds to those that the cluster has. */
export async function issueLicence(dependencies: Dependencies, clusterId: ClusterId, request: IssueLicenceRequest): Promise<StoredLicence> {
  const licence = await wantedLicence(dependencies, clusterId, request);
  const stored = { licence, signed: await dependencies.signer.sign(signedTypes.licence, licence) };
  const { customerId, licenceId } = licence;
  await audited(dependencies, { action: "licence.issued", customerId, subject: licenceId, after: licence }, () =>
    dependencies.stores.licences.add(stored),
  );
  await settleLicences(dependencies, clusterId);
  return stored;
}

/** Refuses what `issueLicence` would refuse, and issues nothing. */
export async function previewIssue(
  dependencies: Dependencies,
  clusterId: ClusterId,
  request: IssueLicenceRequest,
): Promise<LicencePreview> {
  return previewLicences(dependencies, clusterId, withLicence(await wantedLicence(dependencies, clusterId, request)));
}

async function wantedLicence(
  dependencies: Dependencies,
  clusterId: ClusterId,
  { validFrom, ...grant }: IssueLicenceRequest,
): Promise<Licence> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const nowMs = dependencies.nowMs();
  const licence: Licence = {
    schema: 1,
    licenceId: randomId("lic"),
    customerId: document.customerId,
    clusterId,
    ...grant,
    validFrom: validFrom ?? new Date(nowMs).toISOString(),
  };
  await allOrRefuse([refuseOver(licence, nowMs), refuseContradiction(dependencies, licence)]);
  return licence;
}

async function refuseOver({ validFrom, validUntil }: Licence, nowMs: number): Promise<void> {
  if (Date.parse(validUntil) <= nowMs) {
    const message = `the licence would have run out already, at ${validUntil}`;
    throw new Refusal("licence-invalid", message, "Give an instant in the future as validUntil.");
  }
  if (Date.parse(validUntil) <= Date.parse(validFrom)) {
    const message = `the licence would run out at ${validUntil}, before it begins at ${validFrom}`;
    throw new Refusal("licence-invalid", message, "Give a validUntil after validFrom.");
  }
}
