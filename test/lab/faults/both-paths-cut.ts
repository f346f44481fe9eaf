import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { cutBetween } from "./one-path-cut.ts";

export const bothPathsCut: Scenario = {
  name: "both-paths-cut",
  about: "The nodes hear each other on the second of two networks alone, and then the holder's card there fails; another takes over.",
  hasSecondNetwork: true,
  strike: async ({ network, secondNetwork, hosts }, { holder }) => {
    await cutBetween(network, hosts);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    if (secondNetwork !== null && holder.secondPort !== null) await secondNetwork.blackHole(holder.secondPort.name);
    return async () => {
      await network.healAll();
      await secondNetwork?.healAll();
    };
  },
  expects: moves("node.silent"),
};
