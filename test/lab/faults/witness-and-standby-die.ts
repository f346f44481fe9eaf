import { waitFor } from "../../demo/waiting.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";
import { witnessOf } from "../witness-of.ts";

/** A start of the witness's agent, its silence of 3 s, and a busy machine. */
const runsWithinMs = 15_000;
const freshMs = 100;

export const witnessAndStandbyDie: Scenario = {
  name: "witness-and-standby-die",
  about:
    "The witness loses its power, and then the standby; the holder steps down into a safe halt, and runs the group again when the witness is back.",
  cluster: "two nodes and a witness",
  strike: async (site, { standbys: [standby] }) => {
    if (standby === undefined) return nothingToHeal;
    const witness = witnessOf(site);
    await witness.losePower();
    await standby.losePower();
    return async () => {
      await site.network.healAll();
      await witness.powerOn();
      await waitFor("the group to run", runsWithinMs, () => site.whoAnswers(freshMs));
      await standby.powerOn();
    };
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
