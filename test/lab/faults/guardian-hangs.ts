import { nothingToHeal, type Scenario } from "../scenario.ts";

export const guardianHangs: Scenario = {
  name: "guardian-hangs",
  about: "The holder's guardian is frozen for good; the agent notices, kills it, and gives the group to another node.",
  strike: async (_site, { holder }) => {
    const { node } = await holder.status();
    if (node.guardianPid === null) throw new Error(`${holder.name} has no guardian`);
    process.kill(node.guardianPid, "SIGSTOP");
    return nothingToHeal;
  },
  expects: { holder: "another", told: ["group.handover"], silenceMsMax: 4_000, silenceAfterHealMsMax: 500 },
};
