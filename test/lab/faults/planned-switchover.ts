import { nothingToHeal, type Scenario } from "../scenario.ts";

export const plannedSwitchover: Scenario = {
  name: "planned-switchover",
  about: "An operator gives the group to another node; the address is silent for a moment, and the event says as planned.",
  strike: async (_site, { holder, standbys: [target] }) => {
    if (target !== undefined) await holder.switchOver(target);
    return nothingToHeal;
  },
  expects: { holder: "another", told: ["group.handover"], silenceMsMax: 500, silenceAfterHealMsMax: 500 },
};
