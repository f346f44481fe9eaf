import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** Longer than the first three announcements of a new holder need. */
const mutedMs = 1_800;

export const announcementsLost: Scenario = {
  name: "announcements-lost",
  about: "The holder dies, and the first announcements of the next one are lost; a later one brings the client over.",
  strike: async ({ network }, { holder, standbys }) => {
    for (const standby of standbys) await network.muteArp(standby.port.name);
    await holder.losePower();
    await sleep(mutedMs);
    await network.healAll();
    return () => holder.powerOn();
  },
  expects: { holder: "another", told: ["group.takeover"], silenceMsMax: 6_000, silenceAfterHealMsMax: 500 },
};
