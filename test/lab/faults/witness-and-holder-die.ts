import type { Scenario } from "../scenario.ts";
import { powerOnAfterWitness, witnessOf } from "../witness-of.ts";

export const witnessAndHolderDie: Scenario = {
  name: "witness-and-holder-die",
  about:
    "The witness loses its power, and then the holder; the other node runs nothing, says why, and takes over when the witness is back.",
  cluster: "two nodes and a witness",
  strike: async (site, { holder }) => {
    await witnessOf(site).losePower();
    await holder.losePower();
    return () => powerOnAfterWitness(site, holder);
  },
  watchedMs: 3_000,
  expects: {
    holder: "nobody",
    holderAfter: "another",
    says: { who: "others", state: "isolated", reason: "reaches 1 of 3 voters and needs 2" },
    told: ["node.silent", "quorum.degraded", "group.takeover", "node.returned", "quorum.restored"],
    silenceMsMax: 0,
    silenceAfterHealMsMax: 15_000,
  },
};
