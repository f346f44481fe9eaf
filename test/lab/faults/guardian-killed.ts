import { nothingToHeal, type Scenario } from "../scenario.ts";

export const guardianKilled: Scenario = {
  name: "guardian-killed",
  about: "The holder's guardian is killed with -9; the agent lets the address go and gives the group to another node.",
  strike: async (_site, { holder }) => {
    const { node } = await holder.status();
    if (node.guardianPid !== null) process.kill(node.guardianPid, "SIGKILL");
    // The agent starts a new one by itself.
    return nothingToHeal;
  },
  expects: { holder: "another", told: ["group.handover"], silenceMsMax: 3_000, silenceAfterHealMsMax: 500 },
};
