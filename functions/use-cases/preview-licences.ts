import type { ClusterId } from "../../shared/domain/ids.ts";
import { describeLicenceChange } from "../../shared/domain/licensing/describe-licence-change.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import type { LicencePreviewBody } from "../../shared/protocol/licence-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { listJoinTokens } from "./join-tokens.ts";
import { standingOn } from "./licence-standing.ts";
import { type LicenceBasis, readLicenceBasis, termOfLicence } from "./read-licences.ts";

/** How a cluster would stand with other licences or devices, and in sentences what would follow. */
export type LicencePreview = LicencePreviewBody;

/** Changes nothing, and leaves no trace. */
export async function previewLicences(
  dependencies: Dependencies,
  clusterId: ClusterId,
  change: (basis: LicenceBasis) => LicenceBasis,
): Promise<LicencePreview> {
  const { document } = await clusterOrRefuse(dependencies, clusterId);
  const nowMs = dependencies.nowMs();
  const [before, tokens] = await Promise.all([readLicenceBasis(dependencies, document), listJoinTokens(dependencies, clusterId)]);
  const after = change(before);
  const names = new Map(document.nodes.map(({ nodeId, name }) => [nodeId, name]));
  const waiting = tokens.filter(({ role, state }) => role === "node" && state === "claimed").length;
  const setting = {
    nowMs,
    cluster: document.name,
    nameOf: (node: LicenceBasis["nodes"][number]["nodeId"]) => names.get(node) ?? node,
    waiting,
  };
  return { standing: standingOn(after, document, nowMs), consequences: [...describeLicenceChange(before, after, setting)] };
}

/** With one more; one that is there already adds nothing. */
export function withLicence(licence: Licence): (basis: LicenceBasis) => LicenceBasis {
  const term = termOfLicence(licence);
  return (basis) =>
    basis.terms.some(({ licenceId }) => licenceId === term.licenceId) ? basis : { ...basis, terms: [...basis.terms, term] };
}

export function withoutLicence(id: string): (basis: LicenceBasis) => LicenceBasis {
  return (basis) => ({ ...basis, terms: basis.terms.filter(({ licenceId }) => licenceId !== id) });
}
