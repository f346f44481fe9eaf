import type { Scenario } from "../scenario.ts";

export const majorityLost: Scenario = {
  name: "majority-lost",
  about:
    "Both standbys lose their power; the holder cannot know whether they run the group, steps down, and takes it again when one is back.",
  strike: async ({ network }, { standbys }) => {
    await Promise.all(standbys.map((standby) => standby.losePower()));
    return async () => {
      await network.healAll();
      for (const standby of standbys) await standby.powerOn();
    };
  },
  expects: {
    holder: "nobody",
    told: ["group.stepped-down", "group.safe-halt", "group.takeover"],
    silenceMsMax: 0,
    silenceAfterHealMsMax: 15_000,
  },
};
