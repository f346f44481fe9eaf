import { forgetAsUsual, neverForget } from "../client-memory.ts";
import { groupAddress } from "../lab-group.ts";
import type { Scenario } from "../scenario.ts";

const lost = 5;

export const announcementsLost: Scenario = {
  name: "announcements-lost",
  about:
    "The holder dies, the next one's first five announcements are lost, and the client forgets nothing by itself; the sixth brings it over.",
  prepare: neverForget,
  strike: async (site, { holder, standbys }) => {
    for (const { port } of standbys) await site.network.loseAnnouncements(port.name, groupAddress, lost);
    await holder.losePower();
    return async () => {
      await site.network.healAll();
      await forgetAsUsual(site);
      await holder.powerOn();
    };
  },
  expects: { holder: "another", told: ["group.takeover"], silenceMsMax: 8_000, silenceAfterHealMsMax: 500 },
};
