import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { contradictions } from "../../shared/domain/licensing/licensed-roles.ts";
import type { Dependencies } from "../dependencies.ts";
import { readTerms, termOfLicence } from "./read-licences.ts";
import { Refusal } from "./refusal.ts";

/** Throws a `Refusal` for a licence that says of servers what cannot hold, within itself or beside those that the cluster has: two licences can never pull a cluster to and fro. */
export async function refuseContradiction(dependencies: Dependencies, licence: Licence): Promise<void> {
  const others = await readTerms(dependencies, licence.clusterId);
  const problems = contradictions(termOfLicence(licence), others, dependencies.nowMs());
  if (problems.length === 0) return;
  throw new Refusal(
    "licence-conflict",
    `the licence says of servers what cannot hold: ${problems.join("; ")}`,
    "Correct its members, or withdraw the other licence first; neither stops anything.",
    { problems: problems.map((message) => ({ path: "members", message })) },
  );
}
