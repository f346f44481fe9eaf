import { waitFor } from "../demo/waiting.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabSite } from "./lab-site.ts";

/** The witness's machine, for scenarios that ask for a cluster with one. */
export function witnessOf({ witness }: LabSite): LabHost {
  if (witness === null) throw new Error("this lab has no witness: the scenario must ask for two nodes and a witness");
  return witness;
}

/** A start of the witness's agent, its silence of 3 s, and a busy machine. */
const runsWithinMs = 15_000;
const freshMs = 100;

/** The witness and a node have lost their power: the witness has it back first, and the node once the group runs again with the witness's vote. */
export async function powerOnAfterWitness(site: LabSite, node: LabHost): Promise<void> {
  await site.network.healAll();
  await witnessOf(site).powerOn();
  await waitFor("the group to run", runsWithinMs, () => site.whoAnswers(freshMs));
  await node.powerOn();
}
