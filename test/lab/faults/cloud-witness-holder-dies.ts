import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const cloudWitnessHolderDies: Scenario = {
  name: "cloud-witness-holder-dies",
  about:
    "Of two nodes whose witness is the control plane the holder's machine loses its power; the other takes over with the control plane's vote.",
  cluster: "two nodes and the cloud",
  strike: async ({ network }, { holder }) => {
    await holder.losePower();
    return async () => {
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: { ...moves("node.silent", "quorum.degraded", "node.returned", "quorum.restored"), holderAfter: "another" },
};
