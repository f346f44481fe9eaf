import { waitFor } from "../../demo/waiting.ts";
import { agreedOn } from "../agreed-on.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

const runsWithinMs = 5_000;
const freshMs = 100;

export const survivorDies: Scenario = {
  name: "survivor-dies",
  about:
    "The one of two nodes that may go on alone loses its power; the other one runs nothing until an operator has it take over, and keeps the group.",
  cluster: "two nodes, survivor",
  prepare: agreedOn,
  strike: async (site, { holder, standbys: [other] }) => {
    if (other === undefined) return nothingToHeal;
    await holder.losePower();
    return async () => {
      await other.takeOver("its power supply has burnt");
      await waitFor(`${other.name} to run the group`, runsWithinMs, () => site.whoAnswers(freshMs));
      await site.network.healAll();
      await holder.powerOn();
    };
  },
  watchedMs: 3_000,
  expects: {
    holder: "nobody",
    holderAfter: "another",
    says: { who: "others", state: "isolated", reason: "if it is surely down, take over here: understudy agent takeover" },
    told: ["node.silent", "quorum.degraded", "group.claimed", "group.takeover", "node.returned", "quorum.restored"],
    silenceMsMax: 0,
    silenceAfterHealMsMax: 3_000,
  },
};
