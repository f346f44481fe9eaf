import { stays } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

export const standbyDies: Scenario = {
  name: "standby-dies",
  about: "A standby's machine loses its power; the holder has the other one's vote, and nothing moves.",
  strike: async ({ network }, { standbys: [standby] }) => {
    if (standby === undefined) return nothingToHeal;
    await standby.losePower();
    return async () => {
      await network.healAll();
      await standby.powerOn();
    };
  },
  expects: stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
};
