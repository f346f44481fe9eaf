import { groupAddress } from "../lab-group.ts";
import type { Scenario } from "../scenario.ts";
import { device } from "../switch.ts";

const lost = 5;
const longMs = 3_600_000;
const usuallyMs = 30_000;

export const announcementsLost: Scenario = {
  name: "announcements-lost",
  about:
    "The holder dies, the next one's first five announcements are lost, and the client forgets nothing by itself; the sixth brings it over.",
  strike: async ({ network, clientNamespace }, { holder, standbys }) => {
    const setMemory = (ms: number): Promise<void> => clientNamespace.setKernel({ [`ipv4.neigh.${device}.base_reachable_time_ms`]: ms });
    await setMemory(longMs);
    for (const { port } of standbys) await network.loseAnnouncements(port.name, groupAddress, lost);
    await holder.losePower();
    return async () => {
      await network.healAll();
      await setMemory(usuallyMs);
      await holder.powerOn();
    };
  },
  expects: { holder: "another", told: ["group.takeover"], silenceMsMax: 7_000, silenceAfterHealMsMax: 500 },
};
