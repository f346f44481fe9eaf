import type { Scenario } from "../scenario.ts";

export const siteLosesPower: Scenario = {
  name: "site-loses-power",
  about: "Every machine loses its power and one boots alone; it runs nothing, says why, and the group runs again when the others are back.",
  strike: async ({ hosts, network }, { holder, standbys }) => {
    await Promise.all(hosts.map((host) => host.losePower()));
    await network.healAll();
    await holder.powerOn();
    return async () => {
      for (const standby of standbys) await standby.powerOn();
    };
  },
  watchedMs: 5_000,
  expects: { holder: "nobody", told: ["agent.started", "group.takeover"], silenceMsMax: 0, silenceAfterHealMsMax: 15_000 },
};
