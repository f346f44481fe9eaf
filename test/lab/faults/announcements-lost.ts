import { groupAddress } from "../lab-group.ts";
import type { LabSite } from "../lab-site.ts";
import type { Scenario } from "../scenario.ts";
import { device } from "../switch.ts";

const lost = 5;
const longMs = 3_600_000;
const usuallyMs = 30_000;

export const announcementsLost: Scenario = {
  name: "announcements-lost",
  about:
    "The holder dies, the next one's first five announcements are lost, and the client forgets nothing by itself; the sixth brings it over.",
  prepare: async (site) => {
    await setMemory(site, longMs);
    // What it knows by then may be about to be looked at again.
    await site.clientNamespace.ip("neighbour", "flush", "to", groupAddress, "dev", device);
  },
  strike: async (site, { holder, standbys }) => {
    for (const { port } of standbys) await site.network.loseAnnouncements(port.name, groupAddress, lost);
    await holder.losePower();
    return async () => {
      await site.network.healAll();
      await setMemory(site, usuallyMs);
      await holder.powerOn();
    };
  },
  expects: { holder: "another", told: ["group.takeover"], silenceMsMax: 8_000, silenceAfterHealMsMax: 500 },
};

/** How long the client believes what it knows of its neighbours. */
async function setMemory({ clientNamespace }: LabSite, ms: number): Promise<void> {
  await clientNamespace.setKernel({ [`ipv4.neigh.${device}.base_reachable_time_ms`]: ms });
}
