import type { Cast, LabSite } from "../lab-site.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

const healthyWithinMs = 30_000;

export const plannedSwitchover: Scenario = {
  name: "planned-switchover",
  about: "An operator gives the group to another node; the address is silent for a moment, and the event says as planned.",
  strike: async (site, cast) => {
    await giveAway(site, cast);
    return nothingToHeal;
  },
  expects: { holder: "another", told: ["group.handover"], silenceMsMax: 500, silenceAfterHealMsMax: 500 },
};

/** Where the group has moved by itself in the very moment, whoever has it now is asked. */
async function giveAway(site: LabSite, { holder, standbys }: Cast): Promise<void> {
  const [target] = standbys;
  if (target === undefined) return;
  try {
    await holder.switchOver(target);
  } catch (error) {
    const now = await site.healthy(healthyWithinMs);
    if (now.holder === holder) throw error;
    const next = now.standbys.find((host) => host !== holder) ?? holder;
    await now.holder.switchOver(next);
  }
}
