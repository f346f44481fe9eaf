import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const oneStandbyUnheard: Scenario = {
  name: "one-standby-unheard",
  about: "What one standby sends does not reach the holder; the holder has the other one's vote, and nothing moves.",
  strike: async ({ network }, { holder, standbys: [standby] }) => {
    if (standby !== undefined) await network.drop(standby.port.name, holder.port.name);
    return () => network.healAll();
  },
  expects: stays("node.silent"),
};
