import { waitFor } from "../../demo/waiting.ts";
import type { Scenario } from "../scenario.ts";
import { witnessOf } from "../witness-of.ts";

/** A start of the witness's agent, its silence of 3 s, and a busy machine. */
const runsWithinMs = 15_000;
const freshMs = 100;

export const witnessAndHolderDie: Scenario = {
  name: "witness-and-holder-die",
  about:
    "The witness loses its power, and then the holder; the other node runs nothing, says why, and takes over when the witness is back.",
  cluster: "two nodes and a witness",
  strike: async (site, { holder }) => {
    const witness = witnessOf(site);
    await witness.losePower();
    await holder.losePower();
    return async () => {
      await site.network.healAll();
      await witness.powerOn();
      await waitFor("the group to run", runsWithinMs, () => site.whoAnswers(freshMs));
      await holder.powerOn();
    };
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
