import { groupAddress } from "../lab-group.ts";
import { withPrefix } from "../lan.ts";
import type { Scenario } from "../scenario.ts";
import { device } from "../switch.ts";

export const addressTaken: Scenario = {
  name: "address-taken",
  about: "The holder dies while a stranger has the group's address; the next one waits, claims the address, and the conflict is told.",
  strike: async ({ network }, { holder }) => {
    const { namespace } = await network.machine("stranger", "10.77.0.66");
    await namespace.ip("address", "add", withPrefix(groupAddress), "dev", device);
    await holder.losePower();
    return async () => {
      await namespace.remove();
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: { holder: "another", told: ["group.takeover", "address.conflict"], silenceMsMax: 8_000, silenceAfterHealMsMax: 500 },
};
