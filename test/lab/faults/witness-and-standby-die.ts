import { nothingToHeal, type Scenario } from "../scenario.ts";
import { powerOnAfterWitness, witnessOf } from "../witness-of.ts";

export const witnessAndStandbyDie: Scenario = {
  name: "witness-and-standby-die",
  about:
    "The witness loses its power, and then the standby; the holder steps down into a safe halt, and runs the group again when the witness is back.",
  cluster: "two nodes and a witness",
  strike: async (site, { standbys: [standby] }) => {
    if (standby === undefined) return nothingToHeal;
    await witnessOf(site).losePower();
    await standby.losePower();
    return () => powerOnAfterWitness(site, standby);
  },
  watchedMs: 3_000,
  expects: {
    holder: "nobody",
    holderAfter: "the same",
    says: { who: "holder", state: "safe-halt", reason: "reaches 1 of 3 voters and needs 2" },
    told: ["node.silent", "quorum.degraded", "group.stepped-down", "group.safe-halt", "group.takeover", "node.returned", "quorum.restored"],
    silenceMsMax: 0,
    silenceAfterHealMsMax: 15_000,
  },
};
