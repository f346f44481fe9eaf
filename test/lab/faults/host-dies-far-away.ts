import type { Scenario } from "../scenario.ts";
import { framesLate } from "./frames-late.ts";

export const hostDiesFarAway: Scenario = {
  name: "host-dies-far-away",
  about:
    "Frames take 200 ms, less or more 100, and the holder's machine loses its power; another takes over, a few round trips after the lease's end.",
  timing: "patient",
  strike: async (site, cast) => {
    const heal = await framesLate.strike(site, cast);
    await cast.holder.losePower();
    return async () => {
      await heal();
      await cast.holder.powerOn();
    };
  },
  expects: { holder: "another", told: ["node.silent", "group.takeover"], silenceMsMax: 9_000, silenceAfterHealMsMax: 500 },
};
