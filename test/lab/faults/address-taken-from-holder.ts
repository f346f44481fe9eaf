import { setTimeout as sleep } from "node:timers/promises";
import { groupAddress } from "../lab-group.ts";
import type { Scenario } from "../scenario.ts";
import { strangerWithGroupAddress } from "../stranger.ts";
import { device } from "../switch.ts";

const strangerMac = "02:75:73:00:00:67";
const announcements = 4;
const announcedEveryMs = 2_000;

export const addressTakenFromHolder: Scenario = {
  name: "address-taken-from-holder",
  about:
    "A stranger takes the group's address while it is held, and announces it again and again; the holder defends it, the client is soon back each time, and the conflict is told.",
  strike: async (site) => {
    const stranger = await strangerWithGroupAddress(site, strangerMac);
    for (let count = 0; count < announcements; count += 1) {
      await stranger.run("arping", "-q", "-U", "-c", "1", "-w", "1", "-I", device, groupAddress);
      await sleep(announcedEveryMs);
    }
    return () => stranger.remove();
  },
  expects: {
    holder: "the same",
    told: ["address.conflict"],
    tells: { kind: "address.conflict", mac: strangerMac },
    // The holder looks every 2 s, and announces every second from then on.
    silenceMsMax: 3_000,
    silenceAfterHealMsMax: 1_500,
  },
};
