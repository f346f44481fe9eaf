import { licenceStateAt } from "../../shared/domain/licensing/licence-course.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { Dependencies } from "../dependencies.ts";
import { readLicenceBasis } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";

/** What configures a cluster's redundancy is refused while its licences have lapsed. Whatever keeps it running is not asked: removals, votes, reports, alerts. */
export async function refuseLapsed(dependencies: Dependencies, document: ClusterDocument): Promise<void> {
  const { terms, used } = await readLicenceBasis(dependencies, document);
  if (licenceStateAt(terms, used, dependencies.nowMs()) !== "lapsed") return;
  throw new Refusal(
    "licence-lapsed",
    `the licences of cluster ${document.name} have lapsed: it goes on as it is, failover included, and cannot be configured`,
    "Issue or import a licence, then do the same again.",
  );
}
