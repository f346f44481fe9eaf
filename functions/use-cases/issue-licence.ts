import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { signedTypes } from "../../shared/protocol/signatures.ts";
import type { Dependencies } from "../dependencies.ts";
import type { StoredLicence } from "../store/licence-store.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { randomId } from "./random-id.ts";
import { Refusal } from "./refusal.ts";

/** Signs a licence, valid from now on. It adds to those that the cluster has. */
export async function issueLicence(
  dependencies: Dependencies,
  clusterId: ClusterId,
  request: { readonly nodes: number; readonly validUntil: string; readonly graceDays: number },
): Promise<StoredLicence> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const nowMs = dependencies.nowMs();
  if (Date.parse(request.validUntil) <= nowMs) {
    throw new Refusal(
      "licence-invalid",
      `the licence would have run out already, at ${request.validUntil}`,
      "Give an instant in the future as validUntil.",
    );
  }
  const licence: Licence = {
    schema: 1,
    licenceId: randomId("lic"),
    customerId: document.customerId,
    clusterId,
    nodes: request.nodes,
    validFrom: new Date(nowMs).toISOString(),
    validUntil: request.validUntil,
    graceDays: request.graceDays,
  };
  const stored = { licence, signed: await dependencies.signer.sign(signedTypes.licence, licence) };
  const { customerId, licenceId } = licence;
  await audited(dependencies, { action: "licence.issued", customerId, subject: licenceId, after: licence }, () =>
    dependencies.stores.licences.add(stored),
  );
  return stored;
}
