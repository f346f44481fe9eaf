import { waitFor } from "../../demo/waiting.ts";
import type { Scenario } from "../scenario.ts";

const runsWithinMs = 15_000;
const freshMs = 100;

export const siteLosesPower: Scenario = {
  name: "site-loses-power",
  about: "Every machine loses its power and one boots alone; it runs nothing, says why, and the group runs again when the second is back.",
  strike: async (site, { holder, standbys }) => {
    const { hosts, network } = site;
    await Promise.all(hosts.map((host) => host.losePower()));
    await network.healAll();
    await holder.powerOn();
    return async () => {
      // The second makes a majority; nobody waits for the third.
      for (const standby of standbys) {
        await standby.powerOn();
        await waitFor("the group to run", runsWithinMs, () => site.whoAnswers(freshMs));
      }
    };
  },
  watchedMs: 5_000,
  expects: { holder: "nobody", told: ["agent.started", "group.takeover"], silenceMsMax: 0, silenceAfterHealMsMax: 15_000 },
};
