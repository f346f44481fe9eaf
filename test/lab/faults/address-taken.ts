import type { Scenario } from "../scenario.ts";
import { strangerWithGroupAddress } from "../stranger.ts";

const strangerMac = "02:75:73:00:00:66";

export const addressTaken: Scenario = {
  name: "address-taken",
  about: "The holder dies while a stranger has the group's address; the next one waits, claims the address, and the conflict is told.",
  strike: async (site, { holder }) => {
    const stranger = await strangerWithGroupAddress(site, strangerMac);
    await holder.losePower();
    return async () => {
      await stranger.remove();
      await site.network.healAll();
      await holder.powerOn();
    };
  },
  expects: {
    holder: "another",
    told: ["group.takeover", "address.conflict"],
    tells: { kind: "address.conflict", mac: strangerMac },
    silenceMsMax: 8_000,
    silenceAfterHealMsMax: 500,
  },
};
