import type { LabHost } from "./lab-host.ts";
import type { LabSite } from "./lab-site.ts";

/** The witness's machine, for scenarios that ask for a cluster with one. */
export function witnessOf({ witness }: LabSite): LabHost {
  if (witness === null) throw new Error("this lab has no witness: the scenario must ask for two nodes and a witness");
  return witness;
}
