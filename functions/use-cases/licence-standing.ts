import { capacityOf, usageLevel } from "../../shared/domain/licensing/capacity.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { licenceConsequences } from "../../shared/domain/licensing/licence-consequences.ts";
import { licenceCourse } from "../../shared/domain/licensing/licence-course.ts";
import { type LicenceStanding, standingOf, termsInForce } from "../../shared/domain/licensing/licence-term.ts";
import { entitlementsOf, entryOf, namedPrimary } from "../../shared/domain/licensing/licensed-roles.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { LicenceStandingBody } from "../../shared/protocol/licence-contract.ts";
import type { Dependencies } from "../dependencies.ts";
import { type LicenceBasis, readLicenceBasis, termOfLicence } from "./read-licences.ts";

/** How a cluster stands with its licences: what it has, what it uses, what follows. */
export async function licenceStanding(dependencies: Dependencies, document: ClusterDocument): Promise<LicenceStandingBody> {
  return standingOn(await readLicenceBasis(dependencies, document), document, dependencies.nowMs());
}

/** The same with licences and devices as they are given. */
export function standingOn({ terms, used, declared, nodes }: LicenceBasis, document: ClusterDocument, nowMs: number): LicenceStandingBody {
  const inForce = termsInForce(terms, nowMs);
  const licensed = capacityOf(inForce);
  const { state, sinceMs, next, isTrial } = licenceCourse(terms, used, nowMs);
  const primary = namedPrimary(inForce, nodes);
  const names = new Map(document.nodes.map(({ nodeId, name }) => [nodeId, name]));
  return {
    state,
    trial: isTrial,
    since: sinceMs === null ? null : isoOf(sinceMs),
    next: next === null ? null : { state: next.state, at: isoOf(next.atMs) },
    trialAvailable: terms.length === 0,
    nodes: { used: used.nodes, licensed: licensed.nodes },
    users: { required: used.users, licensed: licensed.users, declared: { ...declared } },
    usage: usageLevel(used, licensed),
    members: nodes.map((node) => ({
      nodeId: node.nodeId,
      name: names.get(node.nodeId) ?? node.nodeId,
      role: node.role,
      roleFixedBy: primary?.licenceId ?? entryOf(inForce, node.hardwareAddresses)?.licenceId ?? null,
      hardwareAddresses: [...node.hardwareAddresses],
      entitlements: entitlementsOf(terms, node, nowMs).filter((each) => each !== "provisioning_master" || node.role === "primary"),
    })),
    consequences: [...licenceConsequences(state, used, licensed)],
  };
}

/** `set-aside`: a trial of a cluster that has a licence proper. */
export function standingOfLicence(licence: Licence, all: readonly Licence[], nowMs: number): LicenceStanding | "set-aside" {
  const isSetAside = licence.trial === true && all.some((other) => other.trial !== true && Date.parse(other.validFrom) <= nowMs);
  return isSetAside ? "set-aside" : standingOf(termOfLicence(licence), nowMs);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
